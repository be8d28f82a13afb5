// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Request } from '../bindings/app';
import { FakeApplication } from './fake_application';
import { Presence } from './presence.svelte';
import { Room } from './room.svelte';

let application: FakeApplication;
let presence: Presence;

beforeEach(() => {
  vi.useFakeTimers();
  application = new FakeApplication();
  vi.stubGlobal('fetch', application.fetch);
  presence = new Presence('p', new Room('p'));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const at = (node: string, isTyping = false) => ({ node, field: null, isTyping });
const told = () =>
  application.asked.filter((request): request is Extract<Request, { kind: 'putPresence' }> => request.kind === 'putPresence');

describe('what is told of this window', () => {
  it('leaves at once, then at most every 300 ms, and ends with the last word', () => {
    for (const node of ['a', 'b', 'c', 'd']) presence.put(at(node));
    expect(told().map(({ node }) => node)).toEqual(['a']);
    vi.advanceTimersByTime(299);
    expect(told()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(told().map(({ node }) => node)).toEqual(['a', 'd']);
    vi.advanceTimersByTime(5_000);
    expect(told()).toHaveLength(2);
  });

  it('is not told twice', () => {
    presence.put(at('a'));
    vi.advanceTimersByTime(1_000);
    presence.put(at('a'));
    vi.advanceTimersByTime(1_000);
    expect(told()).toHaveLength(1);
    presence.put(at('a', true));
    expect(told()).toHaveLength(2);
  });

  it('is told again when others may see it, or may not any more', () => {
    presence.again();
    expect(told()).toHaveLength(0);
    presence.put(at('a'));
    vi.advanceTimersByTime(1_000);
    presence.again();
    expect(told().map(({ node }) => node)).toEqual(['a', 'a']);
  });

  it('ends when the window leaves', () => {
    presence.put(at('a'));
    presence.put(at('b'));
    presence.stop();
    vi.advanceTimersByTime(1_000);
    expect(told()).toHaveLength(1);
  });
});

describe('what others changed', () => {
  it('is lit for a moment', () => {
    presence.flash(['a']);
    expect(presence.flashOf('a')).toBe('var(--info)');
    vi.advanceTimersByTime(1_000);
    expect(presence.flashOf('a')).toBeUndefined();
  });

  it('is not lit when it is everything', () => {
    presence.flash(Array.from({ length: 500 }, (_, index) => `n${index}`));
    expect(presence.flashOf('n1')).toBeUndefined();
  });
});
