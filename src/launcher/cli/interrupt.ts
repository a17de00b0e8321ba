/**
 * Hears Ctrl-C (and SIGTERM, which clusters and systems send): the first time and the second time it comes.
 * Undone by calling the result.
 */
export function onInterrupt(first: () => void, second: () => void): () => void {
  let times = 0;
  const heard = (): void => (++times === 1 ? first() : second());
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return () => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
}
