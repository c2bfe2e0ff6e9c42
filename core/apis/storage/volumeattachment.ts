import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, inRangeErrors, invalidValues, required, tooLong } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentSpec, VolumeError } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { validateInlineVolumeSpec } from '../core/persistentvolume.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { validateCsiDriverName } from './class-parameters.ts';

/** storage.k8s.io/v1 VolumeAttachment: that a volume is to be attached to a node. */
export const strategy: Strategy<VolumeAttachment> = {
  statusKeeps: 'metadata',
  prepareForCreate: emptyStatus({ attached: false }),
  validate: ({ spec = {} as VolumeAttachmentSpec }) => {
    const volume = spec.source?.persistentVolumeName;
    return [
      ...validateCsiDriverName(spec.attacher, 'spec.attacher'),
      ...validateSource(spec.source, 'spec.source'),
      ...invalidValues('spec.nodeName', spec.nodeName ?? '', subdomain(spec.nodeName ?? '')),
      ...(volume === undefined ? [] : invalidValues('spec.source.persistentVolumeName', volume, subdomain(volume))),
    ];
  },
  validateUpdate: ({ spec }, previous) => immutable('spec', goValue('storage.VolumeAttachmentSpec', spec), previous.spec),
  validateStatusUpdate: ({ status }) => [
    ...(sizeOf(status?.attachmentMetadata) > MAX_METADATA ? [tooLong('status.attachmentMetadata', MAX_METADATA)] : []),
    ...validateError(status?.attachError, 'status.attachError'),
    ...validateError(status?.detachError, 'status.detachError'),
  ],
  table: {
    columns: [
      nameColumn,
      {
        ...column(
          'Attacher',
          'string',
          'attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().',
        ),
        format: 'name',
      },
      column('PV', 'string', 'persistentVolumeName represents the name of the persistent volume to attach.'),
      column('Node', 'string', 'nodeName represents the node that the volume should be attached to.'),
      column(
        'Attached',
        'boolean',
        'attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.',
      ),
      ageColumn,
    ],
    cells: (attachment, now) => {
      const { spec, status } = attachment;
      return [
        attachment.metadata.name,
        spec.attacher,
        spec.source?.persistentVolumeName ?? '',
        spec.nodeName,
        status?.attached ?? false,
        ageOf(attachment, now),
      ];
    },
  },
};

const MAX_METADATA = 256 * 1024;
const MAX_MESSAGE = 1024;
const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

const sizeOf = (metadata: Record<string, string> = {}) =>
  Object.entries(metadata).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

function validateSource(source: VolumeAttachmentSource = {}, path: string): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = source;
  if (inlineVolumeSpec && persistentVolumeName !== undefined) return [forbiddenField(path, EXACTLY_ONE)];
  if (inlineVolumeSpec) return validateInlineVolumeSpec(inlineVolumeSpec, `${path}.inlineVolumeSpec`);
  if (persistentVolumeName === undefined) return [required(path, EXACTLY_ONE)];
  return persistentVolumeName ? [] : [required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')];
}

const validateError = (error: VolumeError | undefined, path: string): FieldError[] => [
  // Kubernetes names another limit than it has.
  ...(Buffer.byteLength(error?.message ?? '') > MAX_MESSAGE ? [tooLong(`${path}.message`, MAX_METADATA)] : []),
  ...inRangeErrors(`${path}.errorCode`, error?.errorCode, 0, 2_147_483_647),
];
