/** The server's YAML is indented by two spaces, and what belongs to `managedFields` is indented more than it, or begins an element beside it. */
export function withoutManagedFields(text: string): string {
  const kept: string[] = [];
  let isLeftOut = false;
  for (const line of text.split('\n')) {
    if (isLeftOut && /^ {2}(?: |- )/.test(line)) continue;
    isLeftOut = line === '  managedFields:';
    if (!isLeftOut) kept.push(line);
  }
  return kept.join('\n');
}

/** The documents of a text of YAML, each with the number of the line on which it begins; those in which nothing stands are left out. */
export function documentsOf(text: string): readonly { readonly text: string; readonly line: number }[] {
  const documents: { text: string; line: number }[] = [];
  let lines: string[] = [];
  let line = 1;
  const end = (next: number) => {
    if (lines.some((of) => of.trim() !== '' && !of.trimStart().startsWith('#'))) documents.push({ text: lines.join('\n'), line });
    lines = [];
    line = next;
  };
  for (const [i, of] of text.split(/\r?\n/).entries()) {
    if (/^(---|\.\.\.)(\s*$|\s+#)/.test(of)) end(i + 2);
    else lines.push(of);
  }
  end(0);
  return documents;
}

/** An object as one would have written it, for another place or a plan: without what the server sets. */
export function manifestOf(text: string): string {
  const kept: string[] = [];
  let isStatus = false;
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) isStatus = line.startsWith('status:');
    if (!isStatus && !/^ {2}(?:uid|creationTimestamp|generation|resourceVersion|selfLink): /.test(line)) kept.push(line);
  }
  return `${kept.join('\n').trimEnd()}\n`;
}
