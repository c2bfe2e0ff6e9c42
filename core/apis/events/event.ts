import type { EventObject } from '../../schema/generated/kinds.ts';
import { strategy as core } from '../core/event.ts';
import { validateEventUpdate, validateNewEvent } from '../core/event-validation.ts';
import type { Strategy } from '../strategy.ts';

/** Of an Event as the fields of its core form are named in events.k8s.io/v1 (pkg/apis/events/v1/conversion.go). */
const fields = {
  reason: 'reason',
  type: 'type',
  reportingController: 'reportingComponent',
  'regarding.kind': 'involvedObject.kind',
  'regarding.namespace': 'involvedObject.namespace',
  'regarding.name': 'involvedObject.name',
  'regarding.uid': 'involvedObject.uid',
  'regarding.apiVersion': 'involvedObject.apiVersion',
  'regarding.resourceVersion': 'involvedObject.resourceVersion',
  'regarding.fieldPath': 'involvedObject.fieldPath',
};

/** events.k8s.io/v1 Event: the Event of the core API, with stricter rules for who speaks this one. It is checked in its core form. */
export const strategy: Strategy<EventObject> = {
  ...core,
  validateCreate: validateNewEvent,
  validateUpdate: validateEventUpdate,
  selectableFields: Object.fromEntries(Object.entries(fields).map(([name, coreName]) => [name, core.selectableFields![coreName]!])),
};
