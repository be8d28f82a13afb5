import { describe, expect, it } from 'vitest';

import { mentionAt, named, namesFor, withName } from './mentions';

const people = ['Ana Lima', 'Bo', 'Lia Anders'].map((name) => ({ name, colour: '#888888' }));
/** The caret stands at `|`. */
const at = (marked: string) => mentionAt(marked.replace('|', ''), marked.indexOf('|'));

describe('mentionAt', () => {
  it('is what stands between an @ and the caret', () => {
    expect(at('@|')).toEqual({ start: 0, typed: '' });
    expect(at('Ask @An| again')).toEqual({ start: 4, typed: 'An' });
    expect(at('(@Ana Li|')).toEqual({ start: 1, typed: 'Ana Li' });
  });

  it.each(['|', 'Ask Ana|', '|@Ana', 'ana@home|', '@ Ana|', '@Ana\nagain|', `@${'a'.repeat(40)}|`])('is nothing in %j', (text) => {
    expect(at(text)).toBeNull();
  });
});

describe('namesFor', () => {
  const found = (typed: string) => namesFor(typed, people).map(({ name }) => name);

  it('finds by any word of a name, by the first before others', () => {
    expect(found('')).toEqual(['Ana Lima', 'Bo', 'Lia Anders']);
    expect(found('an')).toEqual(['Ana Lima', 'Lia Anders']);
    expect(found('LI')).toEqual(['Lia Anders', 'Ana Lima']);
    expect(found('Ana  li')).toEqual(['Ana Lima']);
  });

  it('finds nobody once something else is said', () => {
    expect(found('Ana Lima is')).toEqual([]);
    expect(found('ima')).toEqual([]);
  });
});

describe('withName', () => {
  const typed = (marked: string, name: string) => {
    const mention = at(marked);
    const { text, caret } = withName(marked.replace('|', ''), mention ?? { start: 0, typed: '' }, name);
    return `${text.slice(0, caret)}|${text.slice(caret)}`;
  };

  it('goes on behind the name and a space', () => {
    expect(typed('Ask @an|', 'Ana Lima')).toBe('Ask @Ana Lima |');
    expect(typed('Ask @an| again', 'Ana Lima')).toBe('Ask @Ana Lima |again');
  });
});

it('names everybody once, whatever the case', () => {
  const one = (name: string, colour: string) => ({ name, colour });
  expect(named([one('Bo', '#111111'), one('ana', '#222222'), one('bo', '#333333'), one(' ', '#444444')])).toEqual([
    one('ana', '#222222'),
    one('Bo', '#111111'),
  ]);
});
