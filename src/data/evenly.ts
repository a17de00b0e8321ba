/** At most `limit` of the things, spread evenly over them. */
export function evenly<Thing>(things: readonly Thing[], limit: number): readonly Thing[] {
  if (things.length <= limit) return things;
  return Array.from({ length: limit }, (_, i) => things[Math.floor((i * things.length) / limit)]!);
}
