import { memo } from 'preact/compat';

/** Over so many lines, text is text. */
const MOST_COLOURED = 4_000;

/** YAML to be read. */
export const YamlText = memo(function YamlText({ text, label }: { readonly text: string; readonly label: string }) {
  const lines = text.split('\n');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be scrolled with the keyboard
    <pre class="lines" tabIndex={0} role="region" aria-label={label}>
      {lines.length > MOST_COLOURED ? text : lines.map((line, i) => <Line key={i} line={line} />)}
    </pre>
  );
});

function Line({ line }: { readonly line: string }) {
  const [, before, name, after] = /^(\s*(?:- )*)([^\s:#"'{[-][^:]*)(:(?:\s.*)?)$/.exec(line) ?? [];
  if (name === undefined) return `${line}\n`;
  return (
    <>
      {before}
      <b>{name}</b>
      {after}
      {'\n'}
    </>
  );
}
