// Look-ups in a project's template. Rebuilt whole when the template changes, which is rare.

import type {
  Field,
  FieldId,
  FieldOption,
  NodeType,
  OptionId,
  Role,
  Template,
  TypeId,
} from '../bindings/graph';

export class Definitions {
  readonly fields: ReadonlyMap<FieldId, Field>;
  readonly types: ReadonlyMap<TypeId, NodeType>;
  readonly options: ReadonlyMap<OptionId, FieldOption>;
  #byRole = new Map<string, Field | null>();

  constructor(readonly template: Template) {
    this.fields = new Map(template.fields.map((field) => [field.id, field]));
    this.types = new Map(template.types.map((type) => [type.id, type]));
    this.options = new Map(
      template.fields.flatMap((field) => field.options.map((option) => [option.id, option])),
    );
  }

  /** Fields of a type in order; dead placements are left out. */
  fieldsOf(type: TypeId): Field[] {
    return (this.types.get(type)?.fields ?? []).flatMap(({ field }) => {
      const known = this.fields.get(field);
      return known ? [known] : [];
    });
  }

  /** The first field of a type with a role. */
  withRole(type: TypeId, role: Role): Field | null {
    const key = `${role} ${type}`;
    let found = this.#byRole.get(key);
    if (found === undefined) {
      found = this.fieldsOf(type).find((field) => field.role === role) ?? null;
      this.#byRole.set(key, found);
    }
    return found;
  }

  /** Types that may stand beneath a type; of null: at the top level. */
  allowedUnder(parent: TypeId | null): NodeType[] {
    if (parent === null) return this.template.types.filter((type) => type.topLevel);
    const names = new Set(this.types.get(parent)?.children ?? []);
    return this.template.types.filter((type) => names.has(type.id));
  }

  /** Types that each of the nodes may have where it stands, but for one that all of them have. */
  conversions(nodes: readonly { type: TypeId; above: TypeId | null }[]): NodeType[] {
    return this.template.types.filter(
      ({ id }) =>
        nodes.every(({ above }) => this.allows(above, id)) && !nodes.every(({ type }) => type === id),
    );
  }

  allows(parent: TypeId | null, child: TypeId): boolean {
    const type = this.types.get(child);
    if (!type) return false;
    return parent === null ? type.topLevel : (this.types.get(parent)?.children ?? []).includes(child);
  }
}
