import { useMemo } from 'preact/hooks';
import { clusterName, objects, version } from '../../model/cluster.ts';
import type { EventObject } from '../../model/kinds.ts';
import { isFound, search } from '../../parts/search.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { Count } from './troubles.tsx';

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
        <p class="quiet">None of late.</p>
      ) : (
        <VirtualRows items={events} keyOf={({ metadata }) => `${metadata.namespace}/${metadata.name}`} rowHeight={34} label="Events">
          {(event) => <Cells event={event} />}
        </VirtualRows>
      )}
    </section>
  );
}

const newest = (events: readonly EventObject[]): EventObject[] =>
  events
    .filter(({ reason, message, involvedObject }) => isFound(reason, message, involvedObject?.kind, involvedObject?.namespace, involvedObject?.name))
    .sort((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))
    .slice(0, MOST);

function Cells({ event: { type, reason, message, involvedObject, series, count, lastTimestamp, eventTime } }: { readonly event: EventObject }) {
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime;
  const times = series?.count ?? count ?? 1;
  return (
    <>
      <span role="cell" class="time">
        {time ? new Date(time).toLocaleTimeString() : ''}
      </span>
      <span role="cell" class={`reason ${type === 'Warning' ? 'bad' : ''}`}>
        {reason}
        {times > 1 ? ` ×${times}` : ''}
      </span>
      <span role="cell" class="name">
        {involvedObject?.kind} {involvedObject?.namespace && <span class="namespace">{involvedObject.namespace}/</span>}
        {involvedObject?.name}
      </span>
      <span role="cell" class="message" title={message}>
        {message}
      </span>
    </>
  );
}
