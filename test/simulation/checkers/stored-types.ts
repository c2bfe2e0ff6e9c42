import { untypedFields } from '../../../core/testing/untyped-fields.ts';
import type { Checker } from './checker.ts';

/** What is written is as Kubernetes' types are stored, whoever writes it. */
export const storedTypes: Checker = {
  name: 'stored types',
  *check({ replay }) {
    for (const { key, type, object, offset } of replay.versions)
      if (type !== 'DELETED') for (const fault of untypedFields(key, object)) yield `${fault} at ${offset}`;
  },
};
