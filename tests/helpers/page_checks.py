"""What every page should pass: axe-core's rules, and what Lighthouse looks at besides them."""
import json

from axe_core_python.selenium import Axe

# Of WCAG 2.2, success criterion 2.5.8; sides in CSS pixels.
LEAST_TARGET = 24
PHONE = dict(width=390, height=844, deviceScaleFactor=2, mobile=True)


def axe_violations(driver):
    """Runs axe-core on the page that is open.

    Args:
        driver (webdriver.Chrome): Chromium.

    Returns:
        list[str]: A line for each element that breaks a rule: rule, help, and the beginning of the element.
    """
    driver.set_script_timeout(300)
    found = Axe().run(driver)['violations']
    return [f'{rule["id"]} ({rule["help"]}): {node["html"][:300]}' for rule in found for node in rule['nodes']]


def page_faults(driver):
    """What Lighthouse would find besides: title, language, viewport, width of the page, sizes of what is tapped, and
    errors of its scripts.

    Args:
        driver (webdriver.Chrome): Chromium, opened with a log of the browser.

    Returns:
        list[str]: A line for each fault.
    """
    seen = driver.execute_script(
        '''
        const root = document.documentElement, viewport = document.querySelector('meta[name=viewport]');
        const shown = (element) => element.checkVisibility({visibilityProperty: true}) && !element.disabled &&
            element.getBoundingClientRect().width > 1;
        return {title: document.title, lang: root.lang, viewport: viewport && viewport.content,
                scale: viewport && /user-scalable=no|maximum-scale=1[^0-9]/.test(viewport.content + ' '),
                wider: root.scrollWidth - root.clientWidth,
                small: [...document.querySelectorAll('button, a[href], [role=button], select')].filter((element) => {
                    const box = element.getBoundingClientRect();
                    return shown(element) && Math.min(box.width, box.height) < arguments[0];
                }).map((element) => element.outerHTML.slice(0, 200))};''', LEAST_TARGET)
    faults = [f'no {name}' for name in ('title', 'lang', 'viewport') if not seen[name]]
    faults += ['the page cannot be enlarged'] * bool(seen['scale'])
    faults += [f'the page is {seen["wider"]} pixels wider than the screen'] * (seen['wider'] > 0)
    faults += [f'smaller than {LEAST_TARGET} pixels: {html}' for html in seen['small']]
    faults += [f'console: {entry["message"]}' for entry in driver.get_log('browser') if entry['level'] == 'SEVERE']
    return faults


def set_phone(driver, phone=True):
    """Shows the page as on a phone 390 pixels wide, or as on a desk again."""
    command = 'setDeviceMetricsOverride' if phone else 'clearDeviceMetricsOverride'
    driver.execute_cdp_cmd(f'Emulation.{command}', PHONE if phone else {})


def describe(faults):
    """Faults as a message of a test."""
    return json.dumps(faults, indent=1, ensure_ascii=False)
