import type { KubeObject } from './object.ts';

/** A JSON object, of which nothing is known but that it has fields. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of an object of any kind: for code that treats all kinds alike. */
export const fieldsOf = (object: KubeObject): Fields => object as unknown as Fields;

/** An object of any kind, of its fields: the schema, not the compiler, says that they are right. */
export const objectOf = (fields: Fields): KubeObject => fields as unknown as KubeObject;

/** The value of an object's own field: `constructor` and `__proto__` are legal keys of a ConfigMap. */
export const field = (of: Fields, name: string): unknown => (Object.hasOwn(of, name) ? of[name] : undefined);

/** Sets a field, `__proto__` as any other. */
export function put(into: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(into, name, { value, writable: true, enumerable: true, configurable: true });
  else into[name] = value;
}
