import { fieldsOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { definitionWith } from '../conformance/widgets.ts';
import { type ConversionReview, conversionOf } from './webhook-server.ts';

/** Widgets in two versions that only a webhook converts: what is a color in v1 is a shape in v1beta1, under another name. */

export const WIDGETS = (version: 'v1' | 'v1beta1') => `/apis/example.com/${version}/namespaces/default/widgets`;

export const webhookDefinition = (clientConfig: object): KubeObject =>
  definitionWith({ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } } } as never);

/** Objects as the webhook owes them. */
export const convertedWidgets = ({ request: { objects, desiredAPIVersion } }: ConversionReview): KubeObject[] =>
  objects.map((object) => {
    // Apply shows it objects that have less than they have to.
    const { shape, color, ...rest } = (fieldsOf(object)['spec'] ?? {}) as Record<string, unknown>;
    const isNew = desiredAPIVersion.endsWith('/v1');
    const spec = { ...rest, ...(isNew && shape ? { color: `${shape}-ish` } : {}), ...(!isNew && color ? { shape: String(color).replace('-ish', '') } : {}) };
    return { ...object, apiVersion: desiredAPIVersion, spec } as KubeObject;
  });

/** A webhook that does what it has to. */
export const convertingWidgets = (review: ConversionReview): object => conversionOf(review, convertedWidgets(review));
