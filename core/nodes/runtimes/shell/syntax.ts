/** A script as a tree (POSIX.1-2024, "Shell Command Language", and what of bash is common in containers). */
export type List = readonly AndOr[];

/** Pipelines joined by `&&` and `||`. */
export interface AndOr {
  readonly pipelines: readonly Pipeline[];
  /** What stands between each pipeline and the next one. */
  readonly joins: readonly ('&&' | '||')[];
  readonly background: boolean;
}

export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** A command without what redirects it. */
export type Plain =
  | { readonly type: 'simple'; readonly assignments: readonly Assignment[]; readonly words: readonly Word[] }
  | { readonly type: 'if'; readonly branches: readonly { readonly condition: List; readonly body: List }[]; readonly otherwise: List }
  | { readonly type: 'loop'; readonly until: boolean; readonly condition: List; readonly body: List }
  | { readonly type: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: List }
  /** `for ((i = 0; i < 3; i++))` */
  | { readonly type: 'count'; readonly start: string; readonly condition: string; readonly step: string; readonly body: List }
  | { readonly type: 'case'; readonly word: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[] }
  | { readonly type: 'group'; readonly body: List }
  | { readonly type: 'subshell'; readonly body: List }
  | { readonly type: 'function'; readonly name: string; readonly body: Command }
  /** `((i++))` */
  | { readonly type: 'arithmetic'; readonly text: string }
  /** `[[ -r /data/foo && $x == y ]]` */
  | { readonly type: 'test'; readonly words: readonly Word[] };

export type Command = Plain & { readonly redirections: readonly Redirection[] };

export interface Assignment {
  readonly name: string;
  /** `NAME+=value` */
  readonly appends: boolean;
  /** Several: the elements of an array. */
  readonly values: readonly Word[] | Word;
}

export interface Redirection {
  readonly from: number;
  readonly operator: '>' | '>>' | '<' | '>&' | '<<<' | '<<';
  readonly target: Word;
}

/** Parts that stand beside each other: `"$a"-b'c'`. */
export type Word = readonly Part[];

export type Part = (
  | { readonly type: 'text'; readonly text: string }
  /** `${name:-operand}`; `operator` is `-`, `:-`, `=`, `?`, `+`, `#`, `%`, `/` … or `length` for `${#name}`. */
  | { readonly type: 'variable'; readonly name: string; readonly index?: Word; readonly operator?: string; readonly operand?: Word }
  | { readonly type: 'command'; readonly body: List }
  | { readonly type: 'arithmetic'; readonly text: string }
) & { readonly quoted: boolean };
