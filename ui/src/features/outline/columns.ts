// Columns beside the titles: which fields, how wide, in which order.

import type { Field, FieldId, Role, TypeId } from '../../bindings/graph';
import type { Definitions } from '../../project/template';

export interface Column {
  readonly field: FieldId;
  readonly width: number;
}

export const NARROWEST = 48;
export const WIDEST = 480;

const AT_FIRST: readonly Role[] = ['status', 'assignees', 'start', 'end', 'estimatedCost'];
const WIDTHS: Partial<Record<Field['kind'], number>> = { select: 112, date: 96, currency: 116, number: 72, checkbox: 64 };

export const widthFor = (field: Field): number => WIDTHS[field.kind] ?? 128;

/** One column for each of the roles that most people look for. */
export function defaultColumns({ template }: Definitions): Column[] {
  return AT_FIRST.flatMap((role) => {
    const field = template.fields.find((candidate) => candidate.role === role);
    return field ? [{ field: field.id, width: widthFor(field) }] : [];
  });
}

/** Columns whose fields still exist. */
export function liveColumns(columns: readonly Column[], definitions: Definitions): Column[] {
  return columns.filter(({ field }) => definitions.fields.has(field));
}

/** Field that a type shows in a column: the column's own, or its own one with the same role. */
export function fieldInColumn(definitions: Definitions, type: TypeId, column: Column): Field | null {
  const field = definitions.fields.get(column.field);
  if (!field) return null;
  if (definitions.types.get(type)?.fields.some((placed) => placed.field === field.id)) return field;
  return field.role === null ? null : definitions.withRole(type, field.role);
}

/** Figures are read from the right. */
export const isFigure = (field: Field): boolean =>
  field.kind === 'number' || field.kind === 'currency' || field.kind === 'date' || field.kind === 'hours';

export function moved(columns: readonly Column[], field: FieldId, by: number): Column[] {
  const from = columns.findIndex((column) => column.field === field);
  const to = Math.max(0, Math.min(columns.length - 1, from + by));
  const rest = columns.filter((column) => column.field !== field);
  const column = columns[from];
  return column ? [...rest.slice(0, to), column, ...rest.slice(to)] : [...columns];
}

export function resized(columns: readonly Column[], field: FieldId, width: number): Column[] {
  const fitting = Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
  return columns.map((column) => (column.field === field ? { ...column, width: fitting } : column));
}

const NARROWEST_TITLE = 280;
const WIDEST_TITLE = 520;
/** Part of the outline that belongs to the titles, between these bounds. */
const TITLE_PART = 0.48;

/** Room that titles keep beside the columns. */
export const titleRoom = (width: number): number => Math.min(WIDEST_TITLE, Math.max(NARROWEST_TITLE, width * TITLE_PART));

/** The columns that have room beside the titles; those at the right go first. */
export function fittingColumns(columns: readonly Column[], width: number): readonly Column[] {
  let left = width - titleRoom(width);
  const end = columns.findIndex((column) => (left -= column.width) < 0);
  return end < 0 ? columns : columns.slice(0, end);
}
