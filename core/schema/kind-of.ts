import type { GroupResource, KubeObject } from '../kube/object.ts';
import type { Kinds } from './generated/kinds.ts';

/** The type of a resource's objects as they are stored: `KindOf<'pods'>` is `Pod`. Of a resource that is only known when the program runs, any object. */
export type KindOf<R extends GroupResource> = R extends keyof Kinds ? Kinds[R] : KubeObject;

/**
 * `T`, which `Shape` takes, without fields that `Shape` does not have, at any depth: such a field is to be `never`. TypeScript itself looks for them in literals alone, and
 * there not behind a conditional spread (`...(x && { replica: 1 })`). An object of any kind may have any fields.
 */
export type Exact<T, Shape> =
  Is<T, Shape> extends true
    ? T
    : Is<Shape, KubeObject> extends true
      ? T
      : T extends readonly (infer E)[]
        ? Shape extends readonly (infer S)[]
          ? readonly Exact<E, S>[]
          : never
        : T extends object
          ? { [K in keyof T]: K extends FieldsOf<Shape> ? Exact<T[K], NonNullable<FieldOf<Shape, K>>> : never }
          : T;

/** Of a type, or of any of several. */
type FieldsOf<Shape> = Shape extends unknown ? keyof Shape : never;
type FieldOf<Shape, K> = Shape extends unknown ? (K extends keyof Shape ? Shape[K] : never) : never;

type Is<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
