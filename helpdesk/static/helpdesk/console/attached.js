// @ts-check
/** The files of messages on their way, on this machine until they are sent: they outlive a reload. */

const STORE = "files";

/** @type {Promise<IDBDatabase>|null} */
let opened = null;

/** @param {string} key the message's @param {File[]} files */
export const keepFiles = (key, files) => run("readwrite", (store) => store.put(files, key));
/** @param {string} key @returns {Promise<File[]|undefined>} undefined when they were not kept */
export const loadFiles = (key) => run("readonly", (store) => store.get(key));
/** @param {string} key */
export const forgetFiles = (key) => run("readwrite", (store) => store.delete(key));

/** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} act @returns {Promise<any>} */
async function run(mode, act) {
  try {
    const base = await (opened ||= open());
    return await new Promise((resolve, reject) => {
      const work = base.transaction(STORE, mode);
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => resolve(asked.result);
      work.onabort = () => reject(work.error);
    });
  } catch {
    return undefined; // A full or forbidden store costs the files' survival, not the sending.
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("unsent", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
