import { get } from '../../api/client.ts';
import { at, clusterName } from '../../model/cluster.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { isFound } from '../../parts/search.ts';
import { useRead } from '../../parts/use-read.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';
import { go, route } from '../../route.ts';
import { shortActor } from './change.ts';

interface BlamedField {
  readonly path: string;
  readonly value?: unknown;
  readonly offset?: number;
  readonly time?: string;
  readonly actor?: string;
  readonly manager?: { readonly name?: string };
  /** It has not changed since before this offset. */
  readonly before?: number;
}

/** Each field of the object, and which change made it what it is. */
export function Blame({ path, beat }: { readonly path: string; readonly beat: number }) {
  const cluster = clusterName.value;
  const when = at.value;
  const { value, error } = useRead(
    (signal) => get<{ fields: readonly BlamedField[] }>({ cluster, at: when }, `${path}/blame`, { signal }),
    `${cluster} ${path}`,
    [when, beat],
  );
  if (error) return <Refusal error={error} />;
  if (!value) return <output class="quiet">Looking through the past …</output>;
  const fields = value.fields.filter(({ path, actor, manager }) => isFound(path, actor, manager?.name));
  return (
    <VirtualRows
      items={fields}
      keyOf={({ path }) => path}
      columns={COLUMNS}
      rowHeight={50}
      label="Fields, and who made them what they are"
      choose={({ offset }) => offset !== undefined && go({ ...route.value, query: { tab: 'changes', change: String(offset) } })}
    />
  );
}

const COLUMNS: readonly Column<BlamedField>[] = [
  {
    title: 'Field, and what it is',
    style: 'message mono two',
    cell: ({ path, value }) => (
      <>
        <span class="ending" title={path}>
          <bdi>{path}</bdi>
        </span>
        <span class="quiet">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
      </>
    ),
  },
  {
    title: 'Since which change, by whom',
    style: 'name two',
    cell: ({ offset, time, actor, manager, before }) => (
      <>
        <span title={time}>{offset ?? `before ${before}`}</span>
        <span class="quiet">{[actor && shortActor(actor), manager?.name].filter(Boolean).join(', ')}</span>
      </>
    ),
  },
];
