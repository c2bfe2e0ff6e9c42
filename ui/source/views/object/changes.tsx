import { useState } from 'preact/hooks';
import { get } from '../../api/client.ts';
import { type ApiResource, pathOf } from '../../api/discovery.ts';
import { at, clusterName } from '../../model/cluster.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound } from '../../parts/search.ts';
import { useRead } from '../../parts/use-read.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, route } from '../../route.ts';
import type { ChangeHead } from './change.ts';
import { changesPath, shortActor } from './change.ts';
import { groupResourceOf } from './place.ts';
import { ShownChange } from './shown-change.tsx';

interface ChangesProps {
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly resources: readonly ApiResource[];
  readonly beat: number;
}

const PAGE = 200;

/** All that happened to the object, the newest first; and one of it as a whole. */
export function Changes({ resource, namespace, name, resources, beat }: ChangesProps) {
  const cluster = clusterName.value;
  const when = at.value;
  const [most, setMost] = useState(PAGE);
  const of = `${cluster} ${pathOf(resource, { namespace, name })}`;
  const { value, error } = useRead(
    (signal) => changesOf({ cluster, at: when, namespace, fieldSelector: `resource=${groupResourceOf(resource)},name=${name}`, most, signal }),
    of,
    [when, beat, most],
  );
  const chosen = Number(route.value.query['change']) || undefined;
  if (error) return <Refusal error={error} />;
  if (!value) return <output class="quiet">Reading what happened …</output>;
  const found = value.changes.filter(({ what, actor, type }) => isFound(what, actor.username, type));
  return (
    <div class="changes">
      <div>
        {value.changes.length === 0 && <p class="quiet">The log has nothing of it, as far back as it goes.</p>}
        <VirtualRows
          items={found}
          keyOf={({ offset }) => String(offset)}
          columns={COLUMNS}
          rowHeight={48}
          label={`Changes of ${name}`}
          isHeadless
          isChosen={({ offset }) => offset === chosen}
          choose={({ offset }) => go({ ...route.value, query: { tab: 'changes', change: String(offset) } })}
        />
        {value.isMore && (
          <button type="button" onClick={() => setMost(most + 5 * PAGE)}>
            Further back
          </button>
        )}
      </div>
      {chosen !== undefined && <ShownChange key={chosen} offset={chosen} resource={resource} namespace={namespace} name={name} resources={resources} />}
    </div>
  );
}

function Told({ offset, time, type, what, actor }: ChangeHead) {
  return (
    <>
      <span>
        <span class="offset">{offset}</span> <b class={WORDS[type].style}>{WORDS[type].word}</b> <span title={what}>{what}</span>
      </span>
      <span class="quiet" title={time}>
        {new Date(time).toLocaleString()} by {shortActor(actor.username)}
      </span>
    </>
  );
}

const COLUMNS: readonly Column<ChangeHead>[] = [{ title: 'Change', style: 'change', cell: Told }];

const WORDS = {
  ADDED: { word: 'made', style: 'added' },
  MODIFIED: { word: 'changed', style: 'changed' },
  DELETED: { word: 'deleted', style: 'removed' },
} as const;

interface Wanted {
  readonly cluster: string;
  readonly at: number | undefined;
  readonly namespace: string | undefined;
  readonly fieldSelector: string;
  readonly most: number;
  readonly signal: AbortSignal;
}

/** The changes of the object, and of those that had its name before; also once it is gone. A page of them may be short or empty, and the next goes on. */
async function changesOf({ cluster, at, namespace, fieldSelector, most, signal }: Wanted): Promise<{ changes: ChangeHead[]; isMore: boolean }> {
  const changes: ChangeHead[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE, fieldSelector, continue: next, fields: 'offset,time,type,what,actor.username,cause' };
    const answer: { items: ChangeHead[]; metadata: { continue?: string } } = await get({ cluster, at }, changesPath(namespace), { query, signal });
    changes.push(...answer.items);
    next = answer.metadata.continue || undefined;
  } while (next !== undefined && changes.length < most);
  return { changes, isMore: next !== undefined };
}
