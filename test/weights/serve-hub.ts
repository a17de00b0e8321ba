import { startHub } from './hub-server.ts';

// For test/reference/hub_cache.py: serves until it is ended.
console.log((await startHub('test/fixtures/frozen/clip')).address);
