/** How many there are, beside a heading. */
export const Count = ({ of }: { readonly of: number }) => (of === 0 ? null : <span class="count">{of.toLocaleString('en')}</span>);
