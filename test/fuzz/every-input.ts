import type { Input } from './input.ts';
import { applyInputs } from './inputs/applies.ts';
import { bodies } from './inputs/bodies.ts';
import { calls } from './inputs/calls.ts';
import { customObjectInputs } from './inputs/custom-objects.ts';
import { expressionInputs } from './inputs/expressions.ts';
import { extensionInputs } from './inputs/extensions.ts';
import { metadataInputs } from './inputs/metadata.ts';
import { networkingInputs } from './inputs/networking.ts';
import { otherKindInputs } from './inputs/other-kinds.ts';
import { podInputs } from './inputs/pods.ts';
import { queries } from './inputs/queries.ts';
import { schemaInputs } from './inputs/schemas.ts';
import { workloadInputs } from './inputs/workloads.ts';

/** Every kind of input that is timed at its worst. */
export const inputs: readonly Input[] = [
  ...queries,
  ...bodies,
  ...metadataInputs,
  ...podInputs,
  ...workloadInputs,
  ...networkingInputs,
  ...extensionInputs,
  ...schemaInputs,
  ...expressionInputs,
  ...customObjectInputs,
  ...applyInputs,
  ...otherKindInputs,
  ...calls,
];
