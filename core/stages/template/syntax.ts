/** The parts of Go's text/template that KWOK's stage files are written with, as a tree (pkg.go.dev/text/template). */
export type Block = readonly Piece[];

export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly pipeline: Pipeline }
  | { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Block }
  | { readonly type: 'with'; readonly pipeline: Pipeline; readonly body: Block; readonly otherwise: Block }
  | { readonly type: 'range'; readonly pipeline: Pipeline; readonly names: readonly string[]; readonly body: Block; readonly otherwise: Block }
  | { readonly type: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly type: 'break' | 'continue' };

export interface Branch {
  readonly pipeline: Pipeline;
  readonly body: Block;
}

/** `$x := a b | c`: commands, each with its words; the value of one is the last argument of the next. */
export interface Pipeline {
  readonly assigns?: { readonly name: string; readonly declares: boolean };
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null }
  | { readonly type: 'dot' }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
  /** `.a.b` of something. */
  | { readonly type: 'fields'; readonly of: Operand; readonly names: readonly string[] };

export interface Template {
  readonly main: Block;
  readonly defined: ReadonlyMap<string, Block>;
}

/** What a template can call, by name. */
export type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
