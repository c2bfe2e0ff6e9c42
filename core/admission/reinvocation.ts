/**
 * What the mutating plugins of one write know of their second turn (apiserver's pkg/admission/reinvocation.go): all of them get one when one that has changed the object asks for it,
 * so that each sees what the ones after it did.
 */
export class Reinvocation {
  /** Whether this is the second turn. */
  isReinvoke = false;
  /** Whether a plugin has asked for one. */
  isRequested = false;
  #memories: Map<string, unknown> | undefined;

  /** What a plugin remembers from its first turn. */
  memory<T>(plugin: string, initial: () => T): T {
    this.#memories ??= new Map();
    let memory = this.#memories.get(plugin) as T | undefined;
    if (memory === undefined) {
      memory = initial();
      this.#memories.set(plugin, memory);
    }
    return memory;
  }
}
