package org.reimagen.rating.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What axe-core has to say of a page, and whether a page is as wide as its window. */
final class Axe {
    private static final String SOURCE = "/axe.min.js";

    private Axe() {}

    /** All of axe-core's rules; {@code where} names the state of the page. */
    static void assertNothing(Page page, String where) throws IOException {
        try (InputStream in = Objects.requireNonNull(Axe.class.getResourceAsStream(SOURCE), SOURCE)) {
            page.evaluate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object violations = page.evaluate("""
                async () => (await axe.run()).violations.map(v =>
                    v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | '))
                """);
        assertThat((List<?>) violations).as(where).isEmpty();
    }

    /** Nothing sticks out to the right, but for what lies in a box that scrolls. */
    static void assertFits(Page page) {
        Object wide = page.evaluate("""
                [...document.querySelectorAll('body *')]
                    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.parentElement.closest('.scroll'))
                    .map(e => e.tagName + '#' + e.id + '.' + e.className)
                """);
        assertThat((List<?>) wide).isEmpty();
    }
}
