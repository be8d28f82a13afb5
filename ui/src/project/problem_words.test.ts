// @vitest-environment jsdom
// Compiled as for a browser, where runes are alive.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Field, Fix, Problem, Value } from '../bindings/graph';
import { FakeApplication, row } from './fake_application';
import { Project } from './project.svelte';
import { showDate, showMoney } from './values';

let application: FakeApplication;
let project: Project;

beforeEach(async () => {
  application = new FakeApplication();
  application.rows = [row('a', null, 'a')];
  vi.stubGlobal('fetch', application.fetch);
  project = new Project('p');
  await project.load();
});
afterEach(() => vi.unstubAllGlobals());

const field = (kind: Field['kind'], unit: string | null = null): Field => ({
  id: 'f', key: 'f', label: 'Effort', kind, options: [], default: null, required: false, unit, role: null, help: '', targets: [],
});

/** A race as the application tells it. */
function race(...values: [told: string, value: Value][]): Problem {
  return {
    kind: 'fieldRace', node: 'a', field: 'f', link: null, others: [],
    message: `Effort of “Pack” was set to ${values.map(([told]) => `“${told}”`).join(' and ')} at the same time. The first of them is shown.`,
    sides: values.map(([told], at) => ({ text: `“${told}”`, by: null, at: null, isShown: at === 0 })),
    fixes: [
      ...values.map(([told, value], at): Fix => ({
        label: `${at === 0 ? 'Keep' : 'Take'} “${told}”`,
        command: { kind: 'setField', nodes: ['a'], field: 'f', value },
      })),
      { label: 'Dismiss', command: { kind: 'settleConflict', node: 'a', conflict: 'fieldRace', field: 'f' } },
    ],
  };
}

function tell(problem: Problem, definition: Field): void {
  const { template } = project.frame;
  const frame = { ...project.frame, template: { ...template, fields: [...template.fields, definition] } };
  project.absorb({ ...application.changed([]), frame, problems: [problem] });
}
const told = () => project.problems.map(({ message, sides, fixes }) => [message, ...sides.map(({ text }) => text), ...fixes.map(({ label }) => label)]);
const words = (one: string, other: string) => [
  `Effort of “Pack” was set to “${one}” and “${other}” at the same time. The first of them is shown.`,
  `“${one}”`, `“${other}”`, `Keep “${one}”`, `Take “${other}”`, 'Dismiss',
];

it('says numbers with their unit', () => {
  tell(race(['30', { number: '30' }], ['16', { number: '16' }]), field('number', 'h'));
  expect(told()).toEqual([words('30 h', '16 h')]);
  expect(project.problemsOf.get('a')?.[0]?.message).toBe(words('30 h', '16 h')[0]);
});

it('says amounts in the currency of the project', () => {
  tell(race(['30', { number: '30' }], ['1600.5', { number: '1600.5' }]), field('currency'));
  expect(told()).toEqual([words(showMoney('30', 'EUR'), showMoney('1600.5', 'EUR'))]);
  project.absorb({ ...application.changed([]), frame: { ...project.frame, currency: 'USD' } });
  expect(told()).toEqual([words(showMoney('30', 'USD'), showMoney('1600.5', 'USD'))]);
});

it('says dates as they are shown', () => {
  tell(race(['2020-03-12', { date: '2020-03-12' }], ['2020-04-01', { date: '2020-04-01' }]), field('date'));
  expect(told()).toEqual([words(showDate('2020-03-12'), showDate('2020-04-01'))]);
});

it('says yes and no', () => {
  tell(race(['true', { flag: true }], ['false', { flag: false }]), field('checkbox'));
  expect(told()).toEqual([words('Yes', 'No')]);
});

it('leaves texts as they are told', () => {
  tell(race(['one…', { text: 'one and more' }], ['two', { text: 'two' }]), field('text'));
  expect(told()).toEqual([words('one…', 'two')]);
});

it('leaves a race as it is told when a value does not fit the field', () => {
  const problem = race(['30', { number: '30' }], ['many', { number: '0' }]);
  tell({ ...problem, fixes: problem.fixes.filter(({ label }) => label !== 'Take “many”') }, field('number', 'h'));
  expect(told()[0]?.[0]).toBe(problem.message);
});
