import { useEffect, useMemo, useState } from 'preact/hooks';
import { clusterName, head, isPast, objects, offset, unreadable, version } from '../../model/cluster.ts';
import type { Slim } from '../../model/kinds.ts';
import { listed } from '../../model/recording.ts';
import { type ResourceName, resourceNames } from '../../model/resources.ts';
import { keyOf } from '../../model/timeline.ts';
import { Count } from '../../parts/count.tsx';
import { FullName } from '../../parts/full-name.tsx';
import { objectRoute } from '../../parts/object-route.ts';
import { isFound, search } from '../../parts/search.ts';
import { Unreadable } from '../../parts/unreadable.tsx';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, route } from '../../route.ts';
import { type Difference, differencesOf } from './differences.ts';

type Lists = Readonly<Partial<Record<ResourceName, ReadonlyMap<string, Slim>>>>;

const COMPARED = resourceNames.filter((name) => name !== 'events');

/** Two moments of the cluster: the one that is held, and the one that the slider shows. Drag, and see what has become of it since. */
export function Compare() {
  const held = Number(route.value.query['with']) || undefined;
  const [then, setThen] = useState<{ readonly offset: number; readonly lists: Lists } | undefined>();
  const [failure, setFailure] = useState('');
  useEffect(() => {
    if (held === undefined) return go({ view: 'compare', query: { with: String(offset.peek() || head.peek() || 1) } }, { replace: true });
    const stop = new AbortController();
    setFailure('');
    const read = COMPARED.map(async (name) => {
      const { items } = await listed(name, { cluster: clusterName.peek(), at: held, signal: stop.signal });
      return [name, new Map(items.map((item) => [keyOf(item), item]))] as const;
    });
    Promise.all(read).then(
      (lists) => setThen({ offset: held, lists: Object.fromEntries(lists) }),
      (error: Error) => stop.signal.aborted || setFailure(error.message),
    );
    return () => stop.abort();
  }, [held, clusterName.value]);
  const shown = version.value;
  const differences = useMemo(() => (then ? COMPARED.flatMap((name) => differencesOf(name, then.lists[name] ?? new Map(), objects(name))) : []), [then, shown]);
  const found = useMemo(() => differences.filter(({ resource, key, what }) => isFound(resource, key, what)), [differences, search.value]);
  if (failure) return <p role="alert">{failure}</p>;
  if (!then) return <output class="quiet">Reading the other moment …</output>;
  if (unreadable.value.length === resourceNames.length)
    return (
      <>
        <h1>Compare</h1>
        <Unreadable />
      </>
    );
  const count = (type: Difference['type']) => differences.filter((difference) => difference.type === type).length.toLocaleString('en');
  return (
    <section class="panel compare" aria-labelledby="compare">
      <Unreadable />
      <h1 id="compare">
        From {then.offset} to {offset.value}
        {isPast.value ? '' : ', now'} <Count of={differences.length} />
      </h1>
      <p class="actions">
        <span class="added">{count('added')} made</span> <span class="changed">{count('changed')} changed</span>{' '}
        <span class="removed">{count('removed')} gone</span>
        <button type="button" onClick={() => go({ view: 'compare', query: { with: String(offset.value) } })}>
          Hold this moment instead
        </button>
      </p>
      {differences.length === 0 && <p class="quiet">Nothing is different. Drag the slider to another moment.</p>}
      {found.length === 0 && differences.length > 0 && <p class="quiet">None is about that.</p>}
      {found.length > 0 && (
        <VirtualRows
          items={found}
          keyOf={({ resource, key }) => `${resource} ${key}`}
          columns={COLUMNS}
          rowHeight={34}
          narrowHeight={54}
          label="What is different"
          choose={({ resource, key }) => go(objectRoute(resource, namesOf(key)))}
        />
      )}
    </section>
  );
}

const WORDS: Readonly<Record<Difference['type'], string>> = { added: 'made', changed: 'changed', removed: 'gone' };

const COLUMNS: readonly Column<Difference>[] = [
  { title: 'Name', style: 'name', cell: ({ key }) => <FullName {...namesOf(key)} />, tip: ({ key }) => key },
  { title: 'Resource', style: 'kind', cell: ({ resource }) => resource, tip: ({ resource }) => resource },
  { title: 'Was', style: 'kind', tone: ({ type }) => type, cell: ({ type }) => WORDS[type] },
  { title: 'How', style: 'message', cell: ({ what }) => what, tip: ({ what }) => what },
];

/** Of `shop/web`. */
function namesOf(key: string): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
