import { useMemo } from 'preact/hooks';
import { clusterName, objects, version } from '../../model/cluster.ts';
import type { EventObject } from '../../model/kinds.ts';
import { Count } from '../../parts/count.tsx';
import { FullName } from '../../parts/full-name.tsx';
import { isFound, search } from '../../parts/search.ts';
import { type Column, VirtualRows } from '../../parts/virtual-rows.tsx';

const MOST = 5_000;

/** The Events of the moment, the newest first. */
export function Events() {
  const shown = version.value;
  const events = useMemo(() => newest([...objects('events').values()]), [shown, clusterName.value, search.value]);
  return (
    <section aria-labelledby="events" class="panel">
      <h2 id="events">
        Events <Count of={events.length} />
      </h2>
      {events.length === 0 ? (
        <p class="quiet">{search.value ? 'None is about that.' : 'None of late.'}</p>
      ) : (
        <VirtualRows
          items={events}
          keyOf={({ metadata }) => `${metadata.namespace}/${metadata.name}`}
          columns={COLUMNS}
          rowHeight={34}
          narrowHeight={54}
          label="Events"
        />
      )}
    </section>
  );
}

const newest = (events: readonly EventObject[]): EventObject[] =>
  events
    .filter(({ reason, message, involvedObject }) => isFound(reason, message, involvedObject?.kind, involvedObject?.namespace, involvedObject?.name))
    .sort((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))
    .slice(0, MOST);

const COLUMNS: readonly Column<EventObject>[] = [
  { title: 'Time', style: 'time', cell: (event) => clockTime(timeOf(event)), tip: timeOf },
  { title: 'Reason', style: 'reason', tone: ({ type }) => (type === 'Warning' ? 'bad' : ''), cell: reasonOf, tip: reasonOf },
  {
    title: 'Of',
    style: 'name',
    cell: ({ involvedObject: { kind, namespace, name = '' } = {} }) => (
      <>
        {kind} <FullName namespace={namespace} name={name} />
      </>
    ),
    tip: ({ involvedObject: { namespace = '', name = '' } = {} }) => `${namespace}/${name}`,
  },
  { title: 'Message', style: 'message', cell: ({ message }) => message, tip: ({ message }) => message },
];

function timeOf({ series, lastTimestamp, eventTime }: EventObject): string | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime;
}

const clockTime = (time: string | undefined): string => (time ? new Date(time).toLocaleTimeString() : '');

function reasonOf({ reason = '', series, count }: EventObject): string {
  const times = series?.count ?? count ?? 1;
  return times > 1 ? `${reason} ×${times}` : reason;
}
