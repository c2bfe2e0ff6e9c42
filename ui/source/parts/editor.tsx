import { useEffect, useRef, useState } from 'preact/hooks';
import { isDark } from '../theme.ts';
import type { CodeEditor } from './code-editor.ts';

interface EditorProps {
  readonly text: string;
  readonly change: (text: string) => void;
  readonly label: string;
}

/** A place to write YAML in. Its code is loaded when it is first shown; where that fails, one writes into a plain field. */
export function Editor({ text, change, label }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor | undefined>(undefined);
  const [isPlain, setPlain] = useState(false);
  const said = useRef(change);
  said.current = change;
  const dark = isDark.value;
  useEffect(() => {
    let isGone = false;
    import('./code-editor.ts').then(
      ({ codeEditor }) => {
        if (isGone || !host.current) return;
        editor.current = codeEditor({ host: host.current, text, label, isDark: dark, change: (now) => said.current(now) });
      },
      () => setPlain(true),
    );
    return () => {
      isGone = true;
      editor.current?.close();
      editor.current = undefined;
    };
  }, [label, dark]);
  // What comes from elsewhere is put into it; what was typed is there already.
  useEffect(() => editor.current?.show(text), [text]);
  if (isPlain)
    return <textarea class="editor" aria-label={label} value={text} spellcheck={false} onInput={({ currentTarget }) => change(currentTarget.value)} />;
  return <div class="editor" ref={host} />;
}
