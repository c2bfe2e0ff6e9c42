import { cut } from '../kube/bounded-text.ts';
import { isDyn, isDynOrError, mostGeneral, replaced, Substitutions, sameType, unwrapped } from './assignable.ts';
import type { Declarations, DeclaredFunction, IdentifierDeclaration } from './declarations.ts';
import { AND, OPTIONAL_SELECT, OR } from './operator-names.ts';
import type { Parsed } from './parser.ts';
import type { Issue, Source } from './source.ts';
import type { Call, Comprehension, CreateList, CreateMap, CreateStruct, Expression, Identifier, Select } from './syntax.ts';
import { BOOL, DYN, ERROR, INT, listOf, mapOf, optionalOf, type Type, typeOfType } from './type.ts';
import { typeOf, type Value } from './value.ts';

/** An expression whose types are known. Names with dots in them are identifiers now, and calls are of the function that is meant. */
export interface Checked {
  readonly expression: Expression;
  /** By the ids of expressions. */
  readonly types: ReadonlyMap<number, Type>;
  /** The overloads that a call can be of, by its id; one, unless types are known only at run time. */
  readonly overloads: ReadonlyMap<number, readonly string[]>;
  /** What identifiers that are no variables stand for, by their ids. */
  readonly constants: ReadonlyMap<number, Value>;
  /** All identifiers: which variables it is about. */
  readonly references: ReadonlySet<string>;
  readonly offsets: readonly number[];
}

/** Finds out the types of an expression's parts (checker/checker.go of cel-go), or what does not go together. */
export function check(source: Source, parsed: Parsed, declarations: Declarations): Checked | { issues: Issue[] } {
  const checker = new Checker(source, parsed.offsets, declarations);
  const expression = checker.check(parsed.expression);
  if (checker.issues.length) return { issues: checker.issues };
  return { expression, offsets: parsed.offsets, ...checker.found() };
}

/** Of one type, in type names: deeper ones are of no use in a message, and take exponential time. */
const MAX_TYPE_SIZE = 1_000;

class Checker {
  readonly issues: Issue[] = [];
  readonly #source: Source;
  readonly #offsets: readonly number[];
  readonly #declarations: Declarations;
  readonly #substitutions = new Substitutions();
  readonly #types = new Map<number, Type>();
  readonly #overloads = new Map<number, readonly string[]>();
  readonly #constants = new Map<number, Value>();
  readonly #references = new Set<string>();
  /** The variables of macros, innermost last. */
  readonly #locals: Map<string, Type>[] = [];

  constructor(source: Source, offsets: readonly number[], declarations: Declarations) {
    this.#source = source;
    this.#offsets = offsets;
    this.#declarations = declarations;
  }

  found(): Pick<Checked, 'types' | 'overloads' | 'constants' | 'references'> {
    const types = new Map([...this.#types].map(([id, type]) => [id, this.#substitutions.apply(type, true)]));
    return { types, overloads: this.#overloads, constants: this.#constants, references: this.#references };
  }

  check(expression: Expression): Expression {
    switch (expression.kind) {
      case 'literal':
        return this.#typed(expression, typeOf(expression.value));
      case 'identifier':
        return this.#identifier(expression);
      case 'select':
        return this.#select(expression);
      case 'call':
        return expression.function === OPTIONAL_SELECT ? this.#optionalSelect(expression) : this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'struct':
        return this.#struct(expression);
      case 'comprehension':
        return this.#comprehension(expression);
      case 'unspecified':
        return this.#typed(expression, ERROR);
    }
  }

  #identifier(expression: Identifier): Expression {
    const found = this.#find(expression.name);
    if (!found) {
      this.#undeclared(expression.id, expression.name);
      return this.#typed(expression, ERROR);
    }
    return this.#refersTo(expression.id, expression.name, found);
  }

  #refersTo(id: number, name: string, { type, value }: IdentifierDeclaration): Expression {
    if (value !== undefined) this.#constants.set(id, value);
    const plain = name.startsWith('.') ? name.slice(1) : name;
    this.#references.add(plain);
    return this.#typed({ kind: 'identifier', id, name: plain }, type);
  }

  /** Variables of macros come first, but not of names that begin with a dot. */
  #find(name: string): IdentifierDeclaration | undefined {
    if (name.startsWith('.')) return this.#findGlobal(name.slice(1));
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const type = this.#locals[i]!.get(name);
      if (type) return { type };
    }
    return this.#findGlobal(name);
  }

  #findGlobal(name: string): IdentifierDeclaration | undefined {
    const found = this.#declarations.identifiers.get(name);
    if (found) return found;
    const struct = this.#declarations.struct(name);
    return struct && { type: typeOfType(struct.type), value: struct.type };
  }

  #select(expression: Select): Expression {
    const name = qualifiedName(expression);
    const found = name === undefined ? undefined : this.#find(name);
    if (found) return this.#refersTo(expression.id, name!, found);
    const { operand, type } = this.#field(expression.id, expression.operand, expression.field, false);
    return this.#typed({ ...expression, operand }, expression.testOnly ? BOOL : this.#substitutions.apply(type));
  }

  #optionalSelect(call: Call): Expression {
    const [given, field] = call.args;
    if (call.args.length !== 2 || field!.kind !== 'literal' || typeof field!.value !== 'string') throw new Error('the parser makes no such selection');
    const { operand, type } = this.#field(call.id, given!, field!.value, true);
    this.#overloads.set(call.id, ['select_optional_field']);
    return this.#typed({ ...call, args: [operand, field!] }, this.#substitutions.apply(type));
  }

  #field(id: number, given: Expression, field: string, optionalSelect: boolean): { operand: Expression; type: Type } {
    const operand = this.check(given);
    const { type: target, optional } = unwrapped(this.#substitutions.apply(this.#typeOf(operand)));
    const type = this.#fieldType(id, target, field);
    return { operand, type: optional || optionalSelect ? optionalOf(type) : type };
  }

  #fieldType(id: number, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return target.parameters[1]!;
      case 'struct':
        return this.#structField(id, target, field);
      case 'parameter':
        this.#substitutions.assignable(DYN, target);
        return DYN;
      default:
        if (!isDynOrError(target)) this.#issue(id, `type '${target}' does not support field selection`);
        return DYN;
    }
  }

  #structField(id: number, struct: Type, field: string, fields = struct.fields): Type {
    if (!fields) {
      this.#issue(id, `unexpected failed resolution of '${struct.name}'`);
      return ERROR;
    }
    const type = fields.get(field);
    if (type) return type;
    this.#issue(id, `undefined field '${cut(field)}'`);
    return ERROR;
  }

  #call(call: Call): Expression {
    const args = call.args.map((arg) => this.check(arg));
    if (!call.target) return this.#globalCall(call, call.function, args);
    const prefix = qualifiedName(call.target);
    const qualified = prefix === undefined ? undefined : `${prefix}.${call.function}`;
    if (qualified !== undefined && this.#functionNamed(qualified)) return this.#globalCall(call, qualified, args);
    const target = this.check(call.target);
    const declared = this.#functionNamed(call.function);
    if (!declared) {
      this.#undeclared(call.id, call.function);
      return this.#typed({ ...call, target, args }, ERROR);
    }
    this.#resolve(call.id, declared, target, args);
    return { ...call, target, args };
  }

  #globalCall({ kind, id }: Call, name: string, args: Expression[]): Expression {
    const declared = this.#functionNamed(name);
    if (!declared) {
      this.#undeclared(id, name);
      return this.#typed({ kind, id, function: name, args }, ERROR);
    }
    this.#resolve(id, declared, undefined, args);
    return { kind, id, function: declared.name, args };
  }

  #functionNamed(name: string): DeclaredFunction | undefined {
    return this.#declarations.functions.get(name.startsWith('.') ? name.slice(1) : name);
  }

  /** Which overloads a call can be of, and what it is then. */
  #resolve(id: number, declared: DeclaredFunction, target: Expression | undefined, args: readonly Expression[]): void {
    const operands = target ? [target, ...args] : args;
    const given = operands.map((operand) => this.#typeOf(operand));
    if (declared.name === AND || declared.name === OR) {
      this.#logical(id, declared, operands);
      return;
    }
    const possible: string[] = [];
    let result: Type | undefined;
    for (const overload of declared.overloads) {
      if (Boolean(overload.member) !== (target !== undefined)) continue;
      const { parameters, result: declaredResult } = this.#instance(overload);
      if (!this.#substitutions.allAssignable(given, parameters)) continue;
      possible.push(overload.id);
      const type = this.#substitutions.apply(declaredResult);
      result = result === undefined || isDyn(result) || sameType(type, result) ? (result ?? type) : DYN;
    }
    if (result === undefined) {
      this.#issue(id, `found no matching overload for '${cut(declared.name)}' applied to '${this.#signature(given, target !== undefined)}'`);
      this.#types.set(id, ERROR);
      return;
    }
    this.#overloads.set(id, possible);
    this.#types.set(id, result);
  }

  #logical(id: number, { overloads: [overload] }: DeclaredFunction, operands: readonly Expression[]): void {
    const wrong = operands.filter((operand) => !this.#expect(operand, BOOL));
    this.#types.set(id, wrong.length ? ERROR : BOOL);
    this.#overloads.set(id, [overload!.id]);
  }

  /** The overload with type parameters of its own. */
  #instance({ parameters, result }: { parameters: readonly Type[]; result: Type }): { parameters: readonly Type[]; result: Type } {
    const own = new Map<string, Type>();
    const fresh = ({ name }: Type) => {
      if (name.startsWith('_var')) return undefined;
      let parameter = own.get(name);
      if (!parameter) {
        parameter = this.#substitutions.freshParameter();
        own.set(name, parameter);
      }
      return parameter;
    };
    return { parameters: parameters.map((type) => replaced(type, fresh)), result: replaced(result, fresh) };
  }

  #signature(types: readonly Type[], member: boolean): string {
    const [target, ...args] = types.map((type) => String(this.#substitutions.apply(type, true)));
    return cut(member ? `${target}.(${args.join(', ')})` : `(${types.length ? [target, ...args].join(', ') : ''})`);
  }

  #list(list: CreateList): Expression {
    let type: Type | undefined;
    const elements = list.elements.map((given, i) => {
      const element = this.check(given);
      type = this.#joined(type, this.#elementType(element, list.optional.has(i)));
      return element;
    });
    return this.#typed({ ...list, elements }, listOf(type ?? this.#substitutions.freshParameter()));
  }

  #map(map: CreateMap): Expression {
    let keys: Type | undefined;
    let values: Type | undefined;
    const entries = map.entries.map((entry) => {
      const key = this.check(entry.key);
      keys = this.#joined(keys, this.#typeOf(key));
      const value = this.check(entry.value);
      values = this.#joined(values, this.#elementType(value, entry.optional));
      return { ...entry, key, value };
    });
    keys ??= this.#substitutions.freshParameter();
    return this.#typed({ ...map, entries }, mapOf(keys, values ?? this.#substitutions.freshParameter()));
  }

  /** The type of what a list, a map or a struct takes in: with a question mark, what an optional holds. */
  #elementType(element: Expression, optional: boolean): Type {
    const type = this.#typeOf(element);
    if (!optional) return type;
    const inner = unwrapped(type);
    if (!inner.optional && !isDyn(inner.type)) this.#mismatch(element.id, optionalOf(type), type);
    return inner.type;
  }

  /** The type of elements of both types. That they differ, the validators tell (`validators.ts`), when nothing else is wrong. */
  #joined(before: Type | undefined, type: Type): Type {
    if (before === undefined) return type;
    return this.#substitutions.assignable(before, type) ? mostGeneral(before, type) : DYN;
  }

  #struct(struct: CreateStruct): Expression {
    const name = struct.name.startsWith('.') ? struct.name.slice(1) : struct.name;
    const declared = this.#declarations.struct(name);
    const type = declared?.type ?? ERROR;
    if (!declared && this.#notStruct(struct) === 'undeclared') return this.#typed(struct, ERROR);
    const fields = struct.fields.map((field) => {
      const value = this.check(field.value);
      const wanted = declared ? this.#structField(field.id, type, field.name, declared.fields) : ERROR;
      const given = this.#elementType(value, field.optional);
      if (!this.#substitutions.assignable(wanted, given)) {
        this.#issue(field.id, `expected type of field '${cut(field.name)}' is '${cut(`${wanted}`)}' but provided type is '${cut(`${given}`)}'`);
      }
      return { ...field, value };
    });
    return this.#typed({ ...struct, name, fields }, type);
  }

  /** Why none can be made of a name. */
  #notStruct({ id, name }: CreateStruct): 'undeclared' | undefined {
    const found = this.#find(name);
    if (!found) {
      this.#undeclared(id, name);
      return 'undeclared';
    }
    if (found.type.kind === 'type') this.#issue(id, `'${found.type.parameters[0]?.name}' is not a message type`);
    else if (found.type.kind !== 'error') this.#issue(id, `'${found.type.name}' is not a type`);
    return undefined;
  }

  #comprehension(loop: Comprehension): Expression {
    const range = this.check(loop.range);
    const initial = this.check(loop.initial);
    const rangeType = this.#substitutions.apply(this.#typeOf(range));
    const accumulator = this.#typeOf(initial);
    this.#locals.push(new Map([[loop.accumulator, accumulator]]));
    const { key, value } = this.#rangeTypes(range.id, rangeType);
    this.#locals.push(
      new Map(
        loop.variable2 === undefined
          ? [[loop.variable, rangeType.kind === 'list' ? value : key]]
          : [
              [loop.variable, key],
              [loop.variable2, value],
            ],
      ),
    );
    const condition = this.check(loop.condition);
    this.#expect(condition, BOOL);
    const step = this.check(loop.step);
    this.#expect(step, accumulator);
    this.#locals.pop();
    const result = this.check(loop.result);
    this.#locals.pop();
    return this.#typed({ ...loop, range, initial, condition, step, result }, this.#substitutions.apply(this.#typeOf(result)));
  }

  /** Of the index or key and of the value of what a macro goes over. */
  #rangeTypes(id: number, range: Type): { key: Type; value: Type } {
    switch (range.kind) {
      case 'list':
        return { key: INT, value: range.parameters[0]! };
      case 'map':
        return { key: range.parameters[0]!, value: range.parameters[1]! };
      case 'dyn':
      case 'error':
      case 'parameter':
        // The range is dynamic then, and so are its elements.
        this.#substitutions.assignable(DYN, range);
        return { key: DYN, value: DYN };
      default:
        this.#issue(id, `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`);
        return { key: ERROR, value: ERROR };
    }
  }

  /** Says so when the expression is of another type. */
  #expect(expression: Expression, wanted: Type): boolean {
    const given = this.#typeOf(expression);
    if (this.#substitutions.assignable(wanted, given)) return true;
    this.#mismatch(expression.id, wanted, given);
    return false;
  }

  #typed(expression: Expression, type: Type): Expression {
    this.#types.set(expression.id, this.#size(type) > MAX_TYPE_SIZE ? DYN : type);
    return expression;
  }

  #size(type: Type, limit = MAX_TYPE_SIZE): number {
    let size = 1;
    for (const inner of type.parameters) {
      if (size > limit) break;
      size += this.#size(inner, limit - size);
    }
    return size;
  }

  #typeOf(expression: Expression): Type {
    return this.#types.get(expression.id)!;
  }

  #mismatch(id: number, expected: Type, actual: Type): void {
    this.#issue(id, `expected type '${cut(`${expected}`)}' but found '${cut(`${actual}`)}'`);
  }

  #undeclared(id: number, name: string): void {
    this.#issue(id, `undeclared reference to '${cut(name)}' (in container '')`);
  }

  #issue(id: number, message: string): void {
    this.issues.push(this.#source.issue(this.#offsets[id]!, message));
  }
}

/** `a.b.c` of selections from an identifier. */
function qualifiedName(expression: Expression): string | undefined {
  const fields: string[] = [];
  let at = expression;
  while (at.kind === 'select' && !at.testOnly) {
    fields.push(at.field);
    at = at.operand;
  }
  if (at.kind !== 'identifier') return undefined;
  return fields.length ? `${at.name}.${fields.reverse().join('.')}` : at.name;
}
