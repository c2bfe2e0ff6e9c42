import { FullName } from '../../parts/full-name.tsx';

/** What the record of an Undo or a Restore tells. */
export interface Restored {
  readonly status?: {
    readonly objects?: readonly RestoredObject[];
    readonly skipped?: readonly { readonly resource: string; readonly namespace?: string; readonly name: string; readonly reason: string }[];
  };
}

interface RestoredObject {
  readonly operation: 'Create' | 'Update' | 'Delete';
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
  readonly fields?: readonly string[];
}

const WORDS = {
  Create: { word: 'made again', style: 'added' },
  Update: { word: 'changed back', style: 'changed' },
  Delete: { word: 'removed', style: 'removed' },
} as const;

const MOST = 200;

/** Whether nothing would come of it. */
export const isPlain = ({ status }: Restored): boolean => (status?.objects ?? []).length === 0;

export function RestoredObjects({ of }: { readonly of: Restored }) {
  const { objects = [], skipped = [] } = of.status ?? {};
  if (objects.length === 0 && skipped.length === 0) return <p>Nothing would be different.</p>;
  return (
    <>
      <p class="quiet">What would come of it, all at once:</p>
      <ul class="restored">
        {objects.slice(0, MOST).map(({ operation, resource, namespace, name, fields = [] }) => (
          <li key={`${resource} ${namespace} ${name}`}>
            <b class={WORDS[operation].style}>{WORDS[operation].word}</b> {resource} <FullName namespace={namespace} name={name} />{' '}
            <span class="quiet">{fields.join(', ')}</span>
          </li>
        ))}
        {objects.length > MOST && <li class="quiet">and {objects.length - MOST} more</li>}
        {skipped.map(({ resource, namespace, name, reason }) => (
          <li key={`${resource} ${namespace} ${name}`} class="quiet">
            left as it is: {resource} <FullName namespace={namespace} name={name} />: {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
