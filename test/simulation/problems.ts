/** What went wrong in a run that no checker had to look for: errors that nothing explains, and a run that does not end. */
export class Problems {
  readonly texts: string[] = [];
  /** How often there was one, the same ones counted again. */
  count = 0;

  note(where: string, error: unknown): void {
    this.count++;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!this.texts.some((other) => other.startsWith(`${where}: ${text.split('\n')[0]}`))) this.texts.push(`${where}: ${text}`);
  }
}
