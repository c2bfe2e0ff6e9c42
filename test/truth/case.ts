/** A question that a real Kubernetes was asked, and what it answered: one line of `recordings/*.jsonl`. */
export interface Case {
  readonly id: string;
  /** `validation`, `delete`, `patch`, … */
  readonly kind: string;
  /** What the case is about, in a sentence. */
  readonly why?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Compared only where a case says so, or is of kind `apply`. */
  readonly managedFields?: boolean;
  /** One after the other. `$NS` is a fresh name, and a namespace of that name exists when a path is below it. */
  readonly steps: readonly Step[];
  /** One for each step. */
  readonly answers: readonly Answer[];
}

export interface Step {
  /** GET unless told. */
  readonly method?: string;
  readonly path: string;
  /** null takes away a header that would be sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
  /** Sent as it is, in place of a body. */
  readonly raw?: string;
  /** Whom to impersonate. */
  readonly as?: {
    readonly user: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** `{ "UID": "metadata.uid" }`: later steps may say `$UID`. */
  readonly save?: Readonly<Record<string, string>>;
  /** The step is repeated until its answer has these fields; with a `path` it is sent once, and that path is. */
  readonly until?: { readonly fields?: Readonly<Record<string, unknown>>; readonly status?: number; readonly path?: string; readonly timeoutMs?: number };
  /** The answer is read until there are so many events, a bookmark, or the time is up; in the background it stays open during later steps. */
  readonly watch?: { readonly events?: number; readonly bookmark?: boolean; readonly timeoutMs?: number; readonly background?: boolean };
  /** Only these parts of the answer are kept, or these removed. */
  readonly pick?: readonly string[];
  readonly drop?: readonly string[];
  /** Others write to the object too: its versions are not told apart. */
  readonly volatile?: boolean;
  /** A pause after the step, in ms: that nothing happens in it is what the case is about. */
  readonly waitMs?: number;
  /** When a step of the case says true only those answers are kept; of the others, and of one that says false, the status code. */
  readonly record?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly warnings?: readonly string[];
  readonly body?: unknown;
  readonly until?: 'met' | 'timeout';
  readonly polled?: { readonly status: number; readonly until: 'met' | 'timeout'; readonly body: unknown };
  /** How a watch came to its end. */
  readonly ended?: string;
}
