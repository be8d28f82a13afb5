import { expect, it } from 'vitest';
import { stepTo } from './steps';

const at = {
  parent: { x: 0, y: 50 },
  first: { x: 200, y: 0 },
  second: { x: 200, y: 60 },
  third: { x: 200, y: 120 },
  leaf: { x: 400, y: 110 },
};

it('goes to what one looks at', () => {
  expect(stepTo(at, 'parent', 'ArrowRight')).toBe('second');
  expect(stepTo(at, 'second', 'ArrowDown')).toBe('third');
  expect(stepTo(at, 'second', 'ArrowUp')).toBe('first');
  expect(stepTo(at, 'second', 'ArrowLeft')).toBe('parent');
  expect(stepTo(at, 'third', 'ArrowRight')).toBe('leaf');
});

it('stays where nothing follows', () => {
  expect(stepTo(at, 'leaf', 'ArrowRight')).toBeNull();
  expect(stepTo(at, 'gone', 'ArrowRight')).toBeNull();
  expect(stepTo(at, 'leaf', 'Enter')).toBeNull();
});
