import { expect, it } from 'vitest';
import { HEIGHT, picture, turned, WIDTH } from './picture';

const templates = ['vehicle', 'film', 'software', 'construction', 'book', 'blank'].map((key) => ({
  key,
  types: ['Phase', 'Job', 'Task'],
}));

it('draws a template always the same, and each differently', () => {
  const drawings = templates.map((template, index) => JSON.stringify(picture(template, index)));
  expect(drawings).toEqual(
    templates.map((template, index) => JSON.stringify(picture(template, index))),
  );
  expect(new Set(drawings).size).toBe(templates.length);
});

it('stays within the frame and the hues', () => {
  for (const types of [[], ['One'], ['A', 'B', 'C', 'D', 'E', 'F']]) {
    templates.forEach(({ key }, index) => {
      for (const { x, y, width, height, hue } of picture({ key, types }, index)) {
        expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(WIDTH);
        expect(y + height).toBeLessThanOrEqual(HEIGHT);
        expect(hue).toBeLessThan(Math.max(1, types.length));
      }
    });
  }
});

it('turns hues', () => {
  expect(turned('#ff0000', 120)).toBe('#00ff00');
  expect(turned('#ff0000', 360)).toBe('#ff0000');
  expect(turned('#808080', 90)).toBe('#808080');
  expect(turned('red', 90)).toBe('red');
});
