import type { Fields } from '../../kube/fields.ts';

interface Sent {
  readonly body: Uint8Array;
  readonly config: Fields;
}

/**
 * The configurations that were applied last, as they were sent. GitOps controllers and operators apply the same text again and again: it is read once, and, being one value then, what was found
 * out about it is known too (`decide/apply.ts`). A configuration is shared: nothing changes it in place.
 */
export class SentConfigs {
  readonly #most: number;
  /** By where they were sent, those that were sent last at the end. */
  readonly #byTarget = new Map<string, Sent>();
  #bytes = 0;

  /** `most`: how many bytes of text are kept, of configurations and of where they were sent. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What the same text was read as before; undefined for another one. `target`: the path and query that it was sent to. */
  find(target: string, body: Uint8Array): Fields | undefined {
    const sent = this.#byTarget.get(target);
    if (!sent || Buffer.compare(sent.body, body) !== 0) return undefined;
    this.#byTarget.delete(target);
    this.#byTarget.set(target, sent);
    return sent.config;
  }

  keep(target: string, body: Uint8Array, config: Fields): void {
    this.#forget(target);
    const size = sizeOf(target, body);
    if (size > this.#most) return;
    // A copy: what was received may be a part of a larger buffer.
    this.#byTarget.set(target, { body: body.slice(), config });
    this.#bytes += size;
    while (this.#bytes > this.#most) this.#forget(this.#byTarget.keys().next().value!);
  }

  #forget(target: string): void {
    const sent = this.#byTarget.get(target);
    if (!sent) return;
    this.#byTarget.delete(target);
    this.#bytes -= sizeOf(target, sent.body);
  }
}

const sizeOf = (target: string, body: Uint8Array): number => target.length + body.length;
