import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface CodeEditor {
  /** Puts another text in the place of what is there. */
  show(text: string): void;
  close(): void;
}

interface CodeEditorOptions {
  readonly host: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly isDark: boolean;
  readonly change: (text: string) => void;
}

/** CodeMirror, in a shadow root of its own: there it adopts its styles as sheets, which the page's Content-Security-Policy lets it, and makes no style elements. */
export function codeEditor({ host, text, label, isDark, change }: CodeEditorOptions): CodeEditor {
  /** What is put there is not told of: who does so knows. */
  let isShowing = false;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root as unknown as Element,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        yaml(),
        syntaxHighlighting(colours),
        EditorView.theme(theme, { dark: isDark }),
        EditorState.tabSize.of(2),
        EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
        // Escape, then Tab leaves it: what CodeMirror does of itself.
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => update.docChanged && !isShowing && change(update.state.doc.toString())),
      ],
    }),
  });
  return {
    show(now) {
      const doc = view.state.doc.toString();
      if (doc === now) return;
      isShowing = true;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: now } });
      isShowing = false;
    },
    close: () => view.destroy(),
  };
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--quiet)' },
  { tag: [tags.separator, tags.meta, tags.keyword], color: 'var(--past)' },
]);

const theme = {
  '&': { height: '100%', font: 'var(--mono)', color: 'var(--ink)', backgroundColor: 'var(--panel)' },
  '.cm-scroller': { font: 'var(--mono)', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--quiet)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--raised) 60%, transparent)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent)',
  },
};
