import { structuredPatch } from 'diff';

interface LineDifferencesProps {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}

/** Two texts line by line, of which what is the same for long is left out. */
export function LineDifferences({ before, after, label }: LineDifferencesProps) {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  if (hunks.length === 0) return <p class="quiet">Nothing is different.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be scrolled with the keyboard
    <pre class="lines" tabIndex={0} role="region" aria-label={label}>
      {hunks.map(({ oldStart, lines }, i) => (
        <>
          {(i > 0 || oldStart > 1) && (
            <span class="gap">
              ⋯ line {oldStart}
              {'\n'}
            </span>
          )}
          {lines
            .filter((line) => !line.startsWith('\\'))
            .map((line, j) => (
              <span key={j} class={line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : undefined}>
                {line}
                {'\n'}
              </span>
            ))}
        </>
      ))}
    </pre>
  );
}
