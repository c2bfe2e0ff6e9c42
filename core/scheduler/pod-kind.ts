import type { Pod } from '../schema/generated/kinds.ts';

/**
 * What terms and constraints look at in a pod. Pods that are alike in it share one: a selector that is new is held against the few kinds that there are, and not against
 * 50,000 pods, each somewhere else in memory.
 */
export interface PodKind {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it is being deleted: it is not counted on any more where pods are spread. */
  readonly terminating: boolean;
}

export function kindOf({ metadata: { namespace = '', labels = NO_LABELS, deletionTimestamp } }: Pod): PodKind {
  const terminating = deletionTimestamp !== undefined;
  const text = JSON.stringify([namespace, labels, terminating]);
  let kind = known.get(text);
  if (!kind) {
    // Those that are forgotten are made once more, and compared twice.
    if (known.size >= MOST) known.clear();
    kind = { namespace, labels, terminating };
    known.set(text, kind);
  }
  return kind;
}

const NO_LABELS: PodKind['labels'] = {};
const known = new Map<string, PodKind>();
const MOST = 10_000;

/** A question about kinds of pods that remembers its answers. */
export function remembering(is: (kind: PodKind) => boolean): (kind: PodKind) => boolean {
  const answers = new Map<PodKind, boolean>();
  return (kind) => {
    let answer = answers.get(kind);
    if (answer === undefined) {
      if (answers.size >= MOST_ANSWERS) answers.clear();
      answer = is(kind);
      answers.set(kind, answer);
    }
    return answer;
  };
}

const MOST_ANSWERS = 1_000;
