/** Reads a picture of the camera: its code's text, or nothing. */
export type Reader = { read: (video: HTMLVideoElement) => Promise<string | undefined>; close: () => void };

type Detector = { detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats: () => Promise<string[]> };

/** The browser's own reader, where it has one for these codes: it costs the least battery. */
async function builtIn(): Promise<Reader | undefined> {
  const Detecting = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!Detecting || !(await Detecting.getSupportedFormats()).includes('qr_code')) return undefined;
  const detector = new Detecting({ formats: ['qr_code'] });
  return {
    read: async (video) => (await detector.detect(video))[0]?.rawValue,
    close: () => undefined,
  };
}

function carried(): Reader {
  const worker = new Worker(new URL('./read.worker.ts', import.meta.url), { type: 'module' });
  return {
    read: async (video) => {
      const picture = await createImageBitmap(video);
      return new Promise((resolve, reject) => {
        worker.onmessage = (event: MessageEvent<string | undefined>) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(picture, [picture]);
      });
    },
    close: () => worker.terminate(),
  };
}

/** A reader for codes; one picture at a time. */
export async function openReader(): Promise<Reader> {
  return (await builtIn().catch(() => undefined)) ?? carried();
}
