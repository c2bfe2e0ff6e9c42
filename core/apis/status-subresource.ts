/**
 * A `prepareForCreate` that drops the status a client sent: only the status subresource writes it. `initial` is what Kubernetes shows of
 * a status without anything in it.
 */
export const emptyStatus =
  (initial: object = {}) =>
  (object: { status?: object }): void => {
    object.status = { ...initial };
  };
