const short: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** `RWO,ROX`, always in this order (storageutil.GetAccessModesAsString). */
export const shortAccessModes = (modes: readonly string[] = []): string =>
  Object.keys(short)
    .filter((mode) => modes.includes(mode))
    .map((mode) => short[mode])
    .join(',');
