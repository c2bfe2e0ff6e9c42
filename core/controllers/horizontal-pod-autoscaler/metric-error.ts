/** Why a metric has no value, or no replica count follows from it, in the words that conditions and Events carry. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
}
