import { age } from '../../kube/duration.ts';
import type { EventObject } from '../../schema/generated/kinds.ts';
import { column, nameColumn } from '../columns.ts';
import type { Strategy, Table } from '../strategy.ts';
import { validateEvent } from './event-validation.ts';

const table: Table<EventObject> = {
  columns: [
    column('Last Seen', 'string', 'The time at which the most recent occurrence of this event was recorded.'),
    column('Type', 'string', 'Type of this event (Normal, Warning), new types could be added in the future'),
    column(
      'Reason',
      'string',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ),
    column('Object', 'string', 'The object that this event is about.'),
    column(
      'Subobject',
      'string',
      'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement.',
      'wide',
    ),
    column('Source', 'string', 'The component reporting this event. Should be a short machine understandable string.', 'wide'),
    column('Message', 'string', 'A human-readable description of the status of this operation.'),
    column('First Seen', 'string', 'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)', 'wide'),
    column('Count', 'string', 'The number of times this event has occurred.', 'wide'),
    { ...nameColumn, priority: 1 },
  ],
  cells(event, now) {
    const { involvedObject, source, series } = event;
    const first = age(event.firstTimestamp ?? event.eventTime, now);
    const last = series ? age(series.lastObservedTime, now) : event.lastTimestamp ? age(event.lastTimestamp, now) : first;
    const kind = (involvedObject?.kind ?? '').toLowerCase();
    const reporter = [source?.component || event.reportingComponent, source?.host || event.reportingInstance].filter(Boolean).join(', ');
    return [
      last,
      event.type ?? '',
      event.reason ?? '',
      involvedObject?.name ? `${kind}/${involvedObject.name}` : kind,
      involvedObject?.fieldPath ?? '',
      reporter,
      (event.message ?? '').trim(),
      first,
      series?.count ?? (event.count || 1),
      event.metadata.name,
    ];
  },
};

/** Events; the name in the project for Kubernetes' Event (pkg/registry/core/event). */
export const strategy: Strategy<EventObject> = {
  createOnUpdate: true,
  metadataRules: 'generic',
  validate: validateEvent,

  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject?.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject?.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject?.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject?.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject?.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },

  table,
};
