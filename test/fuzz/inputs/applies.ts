import { THINGS, thing } from '../definition.ts';
import { CONFIGMAPS, fields, PODS, type RequestInput, times } from '../input.ts';
import { LIST, MB } from './posted.ts';

const apply = (collection: string, body: object, { name = 'b', more = '' } = {}) => ({
  line: `PATCH ${collection}/${name}?dryRun=All&fieldManager=fuzz${more}`,
  options: { body: JSON.stringify(body), type: 'application/apply-patch+yaml' },
});
const configMap = (part: object, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', ...metadata }, ...part });
const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' }, spec });

/** What is applied, with as much of one thing as a body may hold. */
export const applyInputs: readonly RequestInput[] = [
  { name: 'apply: keys', size: 30_000, short: 5000, code: 201, request: (size) => apply(CONFIGMAPS, configMap({ data: fields(size, () => 'v') })) },
  { name: 'apply: unknown fields', size: 30_000, short: 5000, code: 500, request: (size) => apply(CONFIGMAPS, configMap(fields(size, () => 1))) },
  { name: 'apply: containers that repeat', size: LIST, code: 500, request: (size) => apply(PODS, pod({ containers: times(size, () => ({ name: 'a' })) })) },
  { name: 'apply: containers without a name', size: LIST, code: 500, request: (size) => apply(PODS, pod({ containers: times(size, () => ({})) })) },
  {
    name: 'apply: ports',
    size: LIST,
    code: 422,
    request: (size) => apply(PODS, pod({ containers: [{ name: 'a', ports: times(size, (i) => ({ containerPort: i + 1 })) }] })),
  },
  { name: 'apply: a long key', size: MB / 2, code: 422, request: (size) => apply(CONFIGMAPS, configMap({ data: { ['k'.repeat(size)]: 'v' } })) },
  {
    name: 'apply: conflicts',
    size: 3000,
    code: 409,
    request: (size) => apply(CONFIGMAPS, { ...configMap({ data: fields(size, () => 'other') }), metadata: { name: 'many' } }, { name: 'many' }),
  },
  {
    name: 'apply: managers of its own',
    size: LIST,
    code: 400,
    request: (size) => apply(CONFIGMAPS, configMap({}, { managedFields: times(size, () => ({ manager: 'x' })) })),
  },
  { name: 'apply: a set', size: LIST, code: 201, request: (size) => apply(THINGS, thing({ set: times(size, (i) => `s${i}`) })) },
  { name: 'apply: a list by keys', size: LIST, code: 201, request: (size) => apply(THINGS, thing({ map: times(size, (i) => ({ name: `s${i}` })) })) },
  { name: 'apply: a list by keys that repeat', size: LIST, code: 500, request: (size) => apply(THINGS, thing({ map: times(size, () => ({ name: 's' })) })) },
  {
    name: 'managers of an object',
    size: LIST,
    code: 201,
    request: (size) => ({
      line: `POST ${CONFIGMAPS}?dryRun=All`,
      options: {
        body: configMap(
          {},
          {
            managedFields: times(size, (i) => ({
              manager: `m${i}`,
              operation: 'Update',
              apiVersion: 'v1',
              time: '2026-01-01T00:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:a': {} } },
            })),
          },
        ),
      },
    }),
  },
  {
    name: 'managers: fields of one',
    size: 100_000,
    short: 20_000,
    code: 201,
    request: (size) => ({
      line: `POST ${CONFIGMAPS}?dryRun=All`,
      options: {
        body: configMap(
          {},
          {
            managedFields: [
              { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': fields(size, () => ({}), 'f:k') } },
            ],
          },
        ),
      },
    }),
  },
];
