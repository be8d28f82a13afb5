// New definitions and moves in lists, for the template editor.

import type {
  Field,
  FieldKind,
  FieldOption,
  NodeType,
  OptionId,
  Role,
  Shape,
  TextStyle,
  Trait,
  Value,
} from '../../bindings/graph';

/** A key out of a label that nobody has yet: `Part number` becomes `part-number`, then `part-number-2`. */
export function keyFrom(label: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  const bare = label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  const key = bare || 'unnamed';
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? key : `${key}-${number}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** The members of a multi-select value after a click on one of its options; null: none is left. */
export function toggledOption(value: Value | null, option: OptionId): Value | null {
  const chosen = value && 'options' in value ? value.options : [];
  const options = chosen.includes(option) ? chosen.filter((other) => other !== option) : [...chosen, option].sort();
  return options.length > 0 ? { options } : null;
}

/** What is left of a field's default once some of its options are gone; a default that names them would be refused. */
export function livingDefault({ default: value, options }: Pick<Field, 'default' | 'options'>): Value | null {
  const lives = (id: OptionId) => options.some((option) => option.id === id);
  if (value && 'option' in value) return lives(value.option) ? value : null;
  if (!value || !('options' in value)) return value;
  const left = value.options.filter(lives);
  return left.length > 0 ? { options: left } : null;
}

/** The list with one member moved by some places; the same list where it cannot move. */
export function moved<T>(list: readonly T[], index: number, by: number): readonly T[] {
  const to = index + by;
  const member = list[index];
  if (member === undefined || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, at) => at !== index);
  return [...rest.slice(0, to), member, ...rest.slice(to)];
}

export function newField(id: string, label: string, keys: Iterable<string>): Field {
  return {
    id,
    key: keyFrom(label, keys),
    label,
    kind: 'text',
    options: [],
    default: null,
    required: false,
    unit: null,
    role: null,
    help: '',
    targets: [],
  };
}

/** A new type that has the fields one cannot do without. */
export function newType(
  id: string,
  label: string,
  keys: Iterable<string>,
  fields: readonly Field[],
): NodeType {
  const title = fields.find(({ role }) => role === 'title');
  return {
    id,
    key: keyFrom(label, keys),
    label,
    plural: `${label}s`,
    icon: 'circle',
    shape: 'rounded',
    colour: '#8a8680',
    topLevel: true,
    children: [],
    fields: title ? [{ field: title.id, group: '' }] : [],
    traits: [],
    score: null,
  };
}

export function newOption(id: string, label: string): FieldOption {
  return {
    id,
    label,
    indicator: { icon: 'circle', colour: '#8a8680', style: 'normal' },
    category: null,
    score: null,
  };
}

/** The key after a new label: it follows the label for as long as it is made from it. */
export function keyAfter(
  before: { label: string; key: string },
  label: string,
  others: readonly string[],
): string {
  const follows = keyFrom(before.label, others) === before.key;
  return follows ? keyFrom(label, others) : before.key;
}

/** The plural after a new label, likewise. */
export function pluralAfter(before: { label: string; plural: string }, label: string): string {
  return before.plural === `${before.label}s` ? `${label}s` : before.plural;
}

export const KINDS: Readonly<Record<FieldKind, { label: string; icon: string }>> = {
  text: { label: 'Text', icon: 'type' },
  prose: { label: 'Long text', icon: 'text' },
  number: { label: 'Number', icon: 'hash' },
  currency: { label: 'Amount of money', icon: 'coins' },
  checkbox: { label: 'Checkbox', icon: 'square-check' },
  date: { label: 'Date', icon: 'calendar' },
  select: { label: 'Select', icon: 'circle-dot' },
  multiSelect: { label: 'Multi-select', icon: 'tags' },
  people: { label: 'People', icon: 'users' },
  nodes: { label: 'Items', icon: 'waypoints' },
  hours: { label: 'Hours by person and day', icon: 'clock' },
  url: { label: 'Web address', icon: 'link' },
  files: { label: 'Files', icon: 'paperclip' },
};

export const hasOptions = ({ kind }: Field): boolean => kind === 'select' || kind === 'multiSelect';
export const hasTargets = ({ kind }: Field): boolean => kind === 'nodes' || kind === 'people';

/** Roles in words, with the kinds that they fit. */
export const ROLES: Readonly<Record<Role, { label: string; kinds: readonly FieldKind[] }>> = {
  title: { label: 'Title', kinds: ['text'] },
  status: { label: 'Status', kinds: ['select'] },
  start: { label: 'Start', kinds: ['date'] },
  end: { label: 'End', kinds: ['date'] },
  assignees: { label: 'Assignees', kinds: ['people'] },
  estimatedHours: { label: 'Estimated hours', kinds: ['number'] },
  actualHours: { label: 'Actual hours', kinds: ['number'] },
  allocations: { label: 'Planned hours', kinds: ['hours'] },
  estimatedCost: { label: 'Estimated cost', kinds: ['currency'] },
  actualCost: { label: 'Actual cost', kinds: ['currency'] },
  committedCost: { label: 'Committed cost', kinds: ['currency'] },
  budget: { label: 'Budget', kinds: ['currency'] },
  quantity: { label: 'Quantity', kinds: ['number'] },
  unitCost: { label: 'Unit cost', kinds: ['currency'] },
  hourlyRate: { label: 'Hourly rate', kinds: ['currency'] },
  capacity: { label: 'Hours a day', kinds: ['number'] },
  priority: { label: 'Priority', kinds: ['select', 'number'] },
};

export const rolesFor = (kind: FieldKind): Role[] =>
  (Object.keys(ROLES) as Role[]).filter((role) => ROLES[role].kinds.includes(kind));

export const TRAITS: Readonly<Record<Trait, { label: string; hint: string }>> = {
  scheduling: { label: 'Scheduled', hint: 'Has a start, an end and effort.' },
  budgeting: { label: 'Budgeted', hint: 'Has costs that add up.' },
  person: { label: 'Person', hint: 'Can be assigned to work.' },
  container: { label: 'Container', hint: 'Sums up what is beneath it.' },
  inventory: { label: 'Inventory item', hint: 'Is counted and has a unit cost.' },
  milestone: { label: 'Milestone', hint: 'A moment without duration.' },
};

export const SHAPES: readonly Shape[] = ['circle', 'rounded', 'square', 'hexagon', 'diamond'];

export const STYLES: Readonly<Record<TextStyle, string>> = {
  normal: 'Normal',
  bold: 'Bold',
  muted: 'Muted',
  strikethrough: 'Struck through',
};

export const CATEGORIES = {
  toDo: 'To do',
  inProgress: 'In progress',
  done: 'Done',
  cancelled: 'Cancelled',
} as const;
