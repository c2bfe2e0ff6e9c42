import type { KubeObject } from '../../kube/object.ts';
import { same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { immutable, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { validateObjectMeta, validateObjectMetaUpdate, validateStandardFinalizers } from '../../kube/validation/metadata.ts';
import { qualifiedName, subdomain } from '../../kube/validation/names.ts';
import type { EventObject, ObjectReference } from '../../schema/generated/kinds.ts';

/** What an Event must be (pkg/apis/core/validation/events.go). Errors name fields as the internal type does. */

/** For both APIs: an Event of the new kind, which has an `eventTime`, says who reports what; one of the old kind is only where its object is. */
export function validateEvent(event: EventObject): FieldError[] {
  return [
    ...(event.eventTime ? validateReport(event) : validatePlace(event)),
    ...invalidValues('namespace', namespaceOf(event), subdomain(namespaceOf(event))),
  ];
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';

function validatePlace(event: EventObject): FieldError[] {
  const about = event.involvedObject?.namespace ?? '';
  // What has no namespace is spoken of in `default`.
  return about === namespaceOf(event) || (about === '' && namespaceOf(event) === 'default') ? [] : [elsewhere(about)];
}

const elsewhere = (about: string) => invalidValue('involvedObject.namespace', about, 'does not match event.namespace');

const LENGTH = 128;
const MESSAGE_LENGTH = 1024;

function validateReport(event: EventObject): FieldError[] {
  const { involvedObject, reportingComponent: controller = '', reportingInstance, action, reason, message } = event;
  const isPlaced = involvedObject?.namespace || ['default', 'kube-system'].includes(namespaceOf(event));
  return [
    ...(isPlaced ? [] : [elsewhere('')]),
    ...(controller ? [] : [required('reportingController')]),
    ...invalidValues('reportingController', controller, qualifiedName(controller)),
    ...text('reportingInstance', reportingInstance),
    ...text('action', action),
    ...text('reason', reason),
    ...notLonger('message', message, MESSAGE_LENGTH),
  ];
}

const text = (field: string, value = ''): FieldError[] => (value ? notLonger(field, value, LENGTH) : [required(field)]);

const notLonger = (field: string, value = '', max: number): FieldError[] =>
  Buffer.byteLength(value) > max ? [invalidValue(field, '', `can have at most ${max} characters`)] : [];

/** What a client that speaks events.k8s.io may not make anew. */
export function validateNewEvent(event: EventObject): FieldError[] {
  const { type = '', firstTimestamp, lastTimestamp, count, source } = event;
  const unset = (field: string, value: unknown) => (value ? [invalidValue(field, '', 'needs to be unset')] : []);
  return [
    ...validateObjectMeta(event, { namespaced: true }),
    ...validateStandardFinalizers(event.metadata.finalizers),
    ...validateSeries(event),
    ...(event.eventTime ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalidValue('type', '', `has invalid value: ${type}`)]),
    ...unset('firstTimestamp', firstTimestamp),
    ...unset('lastTimestamp', lastTimestamp),
    ...unset('count', count),
    ...unset('source', source?.component || source?.host),
  ];
}

/** What such a client may change: the metadata and the series. */
export function validateEventUpdate(event: EventObject, previous: EventObject): FieldError[] {
  const fixed = (field: string, of: (event: EventObject) => unknown) => immutable(field, of(event), of(previous));
  return [
    ...validateObjectMetaUpdate(event, previous),
    ...validateStandardFinalizers(event.metadata.finalizers),
    ...(same(event.series, previous.series) ? [] : validateSeries(event)),
    ...fixed('involvedObject', ({ involvedObject }) => inGo(involvedObject ?? {})),
    ...fixed('reason', ({ reason }) => reason ?? ''),
    ...fixed('message', ({ message }) => message ?? ''),
    ...fixed('source', ({ source }) => ({ Component: source?.component ?? '', Host: source?.host ?? '' })),
    ...fixed('firstTimestamp', ({ firstTimestamp }) => firstTimestamp),
    ...fixed('lastTimestamp', ({ lastTimestamp }) => lastTimestamp),
    ...fixed('count', ({ count }) => count ?? 0),
    ...fixed('reason', ({ reason }) => reason ?? ''),
    ...fixed('type', ({ type }) => type ?? ''),
    ...fixed('eventTime', ({ eventTime }) => eventTime),
    ...fixed('action', ({ action }) => action ?? ''),
    ...fixed('related', ({ related }) => related && inGo(related)),
    ...fixed('reportingController', ({ reportingComponent }) => reportingComponent ?? ''),
    ...fixed('reportingInstance', ({ reportingInstance }) => reportingInstance ?? ''),
  ];
}

function validateSeries({ series }: EventObject): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}

/** An error prints the internal type. */
const inGo = ({ kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '', fieldPath = '' }: ObjectReference) => ({
  Kind: kind,
  Namespace: namespace,
  Name: name,
  UID: uid,
  APIVersion: apiVersion,
  ResourceVersion: resourceVersion,
  FieldPath: fieldPath,
});
