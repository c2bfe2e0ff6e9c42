import type { Expression, ExpressionFactory } from './syntax.ts';

const NONE: ReadonlySet<number> = new Set();

/** Makes expressions with new ids. */
export function factoryAt(id: () => number): ExpressionFactory {
  const copy = (expression: Expression): Expression => {
    const copied = { ...expression, id: id() };
    switch (copied.kind) {
      case 'select':
        return { ...copied, operand: copy(copied.operand) };
      case 'call':
        return { ...copied, ...(copied.target && { target: copy(copied.target) }), args: copied.args.map(copy) };
      case 'list':
        return { ...copied, elements: copied.elements.map(copy) };
      case 'map':
        return { ...copied, entries: copied.entries.map((entry) => ({ ...entry, id: id(), key: copy(entry.key), value: copy(entry.value) })) };
      case 'struct':
        return { ...copied, fields: copied.fields.map((field) => ({ ...field, id: id(), value: copy(field.value) })) };
      case 'comprehension':
        return {
          ...copied,
          range: copy(copied.range),
          initial: copy(copied.initial),
          condition: copy(copied.condition),
          step: copy(copied.step),
          result: copy(copied.result),
        };
      default:
        return copied;
    }
  };
  return {
    literal: (value) => ({ kind: 'literal', id: id(), value }),
    identifier: (name) => ({ kind: 'identifier', id: id(), name }),
    select: (operand, field) => ({ kind: 'select', id: id(), operand, field, testOnly: false }),
    presence: (operand, field) => ({ kind: 'select', id: id(), operand, field, testOnly: true }),
    call: (name, ...args) => ({ kind: 'call', id: id(), function: name, args }),
    memberCall: (name, target, ...args) => ({ kind: 'call', id: id(), function: name, target, args }),
    list: (...elements) => ({ kind: 'list', id: id(), elements, optional: NONE }),
    map: (...entries) => ({ kind: 'map', id: id(), entries: entries.map(([key, value]) => ({ id: id(), key, value, optional: false })) }),
    comprehension: (parts) => ({ kind: 'comprehension', id: id(), ...parts }),
    copy,
  };
}
