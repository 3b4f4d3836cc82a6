// @ts-check
/** Filling in a form as a person does: answer, leave the field, and see that it is kept. */

/** @typedef {import('./screen.js').Device} Device */

/** @param {string} path */
export function controlOf(path) {
  return `f-${path.replaceAll('/', '.')}`;
}

/** @param {Device} device @param {string} path */
function control(device, path) {
  return device.page.locator(`[id="${controlOf(path)}"]`);
}

/** Whether a field is asked on this page. @param {Device} device @param {string} path */
export async function isAsked(device, path) {
  return (await control(device, path).count()) > 0;
}

/**
 * Types or picks an answer, and leaves the field as the thumb leaves it.
 * @param {Device} device @param {string} path @param {string} value
 */
export async function enter(device, path, value) {
  const { page } = device;
  const id = controlOf(path);
  const field = control(device, path);
  await field.waitFor();
  const kind = await field.evaluate((element) => element.getAttribute('role') ?? element.getAttribute('type') ?? element.localName);
  if (kind === 'combobox') {
    await field.fill(value);
    await page.locator(`[id="${id}-0"]`).click();
  } else if (kind === 'radio') {
    const at = { true: 0, false: 1 }[value];
    const radios = page.locator(`input[name="${id}"]`);
    await (at === undefined ? page.locator(`input[name="${id}"][value="${value}"]`) : radios.nth(at)).check();
  } else if (kind === 'select') {
    await field.selectOption(value);
  } else if ((await page.locator(`[id="${id}-month"]`).count()) > 0) {
    const [day, month, year] = value.split('/');
    await field.fill(day);
    await page.locator(`[id="${id}-month"]`).fill(month);
    await page.locator(`[id="${id}-year"]`).fill(year);
    await page.locator(`[id="${id}-year"]`).blur();
  } else {
    await field.fill(value);
    await field.blur();
  }
}

/** Waits until a field says that it is kept on this device. @param {Device} device @param {string} path */
export async function isKept(device, path) {
  const field = device.page.locator('.field', { has: control(device, path) });
  await field.locator('.saved').getByText(device.words('form.saved')).waitFor();
}

/** @param {Device} device @param {string} path @param {string} value */
export async function answer(device, path, value) {
  await enter(device, path, value);
  await isKept(device, path);
}

/**
 * What a text field holds.
 * @param {Device} device @param {string} path
 */
export function held(device, path) {
  return control(device, path).inputValue();
}
