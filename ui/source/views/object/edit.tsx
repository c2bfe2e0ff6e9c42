import { applyPatch, createPatch } from 'diff';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/client.ts';
import { manifestOf } from '../../api/manifest-text.ts';
import { putYaml } from '../../api/yaml.ts';
import { clusterName, isPast } from '../../model/cluster.ts';
import { draft } from '../../parts/draft.ts';
import { Editor } from '../../parts/editor.tsx';
import { LineDifferences } from '../../parts/line-differences.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { go } from '../../route.ts';

interface EditProps {
  readonly path: string;
  readonly name: string;
  /** The object as it is, which moves on while it is edited. */
  readonly newest: string;
}

type Checked =
  | { readonly type: 'none' }
  | { readonly type: 'asked' }
  | { readonly type: 'tried'; readonly becomes: string }
  | { readonly type: 'refused'; readonly error: Error };

/** Edits an object: the server says first what would become of it, and that is shown before it is written. */
export function Edit({ path, name, newest }: EditProps) {
  const cluster = clusterName.value;
  /** What the edit began with; its resourceVersion is the condition of the write. */
  const [base, setBase] = useState(newest);
  const [text, setText] = useState(newest);
  const [checked, setChecked] = useState<Checked>({ type: 'none' });
  const [told, setTold] = useState('');
  const isUntouched = text === base;
  /** What stands there when an answer comes. */
  const latest = useRef(text);
  latest.current = text;
  // Without a change of one's own, one goes along.
  useEffect(() => {
    if (!isUntouched) return;
    setBase(newest);
    setText(newest);
  }, [newest]);
  const isOvertaken = base !== newest;
  const change = (now: string) => {
    setText(now);
    setChecked({ type: 'none' });
    setTold('');
  };
  const attempt = async (dryRun: boolean) => {
    setChecked({ type: 'asked' });
    setTold('');
    try {
      const becomes = await putYaml({ cluster }, path, text, { dryRun });
      // An answer to what stands there no longer is none.
      if (dryRun) return latest.current === text && setChecked({ type: 'tried', becomes });
      setBase(becomes);
      setText((now) => (now === text ? becomes : now));
      setChecked({ type: 'none' });
      setTold('Written.');
    } catch (error) {
      if (!dryRun || latest.current === text) setChecked({ type: 'refused', error: error as Error });
    }
  };
  const rebase = () => {
    const merged = applyPatch(newest, createPatch(name, inVersionOf(newest, base), inVersionOf(newest, text)), { fuzzFactor: 2 });
    if (merged === false) return setTold('Both change the same lines: take over by hand what is new. It is shown below.');
    setBase(newest);
    change(merged);
    setTold('Your changes stand on the newest version now.');
  };
  const isConflict = checked.type === 'refused' && checked.error instanceof ApiError && checked.error.code === 409;
  if (isPast.value) return <p>This is the past: nothing can be changed in it. Go back to now (l) to edit, or make the object again as it was.</p>;
  return (
    <div class="edit">
      <Editor text={text} change={change} label={`${name} as YAML`} />
      <div class="outcome" aria-live="polite">
        <p class="actions">
          <button
            type="button"
            class={checked.type === 'tried' ? '' : 'primary'}
            disabled={isUntouched || checked.type === 'asked'}
            onClick={() => attempt(true)}
          >
            Try it
          </button>
          <button type="button" class="primary" disabled={checked.type !== 'tried'} onClick={() => attempt(false)}>
            Write it
          </button>
          <button
            type="button"
            disabled={isUntouched}
            onClick={() => {
              draft.value = manifestOf(text);
              go({ view: 'what-if' });
            }}
          >
            What if …
          </button>
          <button type="button" disabled={isUntouched} onClick={() => change(base)}>
            Start again
          </button>
        </p>
        {told && <output>{told}</output>}
        {checked.type === 'none' && !told && (
          <p class="quiet">{isUntouched ? 'Change something, and try it: the cluster says what would become of it, and writes nothing.' : 'Not tried yet.'}</p>
        )}
        {checked.type === 'asked' && <output class="quiet">Asking …</output>}
        {checked.type === 'refused' && <Refusal error={checked.error} />}
        {(isConflict || (isOvertaken && !isUntouched)) && (
          <>
            <p>
              The object has changed since you began.{' '}
              <button type="button" onClick={rebase}>
                Put my changes on the newest version
              </button>
            </p>
            <h2>What is new</h2>
            <LineDifferences before={base} after={newest} label="What has changed since you began" />
          </>
        )}
        {checked.type === 'tried' && (
          <>
            <h2>What would be written</h2>
            <LineDifferences before={base} after={checked.becomes} label="What would be written" />
          </>
        )}
      </div>
    </div>
  );
}

/** The text with the resourceVersion of another one, so that this is no difference. */
const inVersionOf = (other: string, text: string): string => text.replace(VERSION, VERSION.exec(other)?.[0] ?? '');

const VERSION = /^ {2}resourceVersion: .*$/m;
