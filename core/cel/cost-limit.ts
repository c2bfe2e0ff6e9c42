/** Ends an evaluation that has cost too much; no operator absorbs it. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded';
}
