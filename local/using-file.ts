/** What works with a file of the host. When that fails, the failure says which file it was: Node's own names it not always, or names a draft of it. */
export function using<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new Error(`${file} cannot be used: ${message.split(', ')[0]}`, { cause });
  }
}
