package org.reimagen.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.pipeline.PngWriter;

/** The page in a real Chromium: what a person does, and what axe-core has to say. */
class PageTest {
    @TempDir
    static Path folder = Path.of("");

    private static Browser browser;

    private TestServer server;
    private BrowserContext context;
    private Page page;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void stopBrowser() {
        browser.close();
    }

    @BeforeEach
    void open() {
        server = TestServer.start(folder);
        context = browser.get()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setViewportSize(1200, 900));
        page = context.newPage();
        page.onConsoleMessage(m -> {
            if (m.type().equals("error")) {
                complaints.add(m.text());
            }
        });
        page.onPageError(complaints::add);
        visit();
    }

    private void visit() {
        page.navigate(server.address());
        page.waitForSelector("body[data-ready]");
    }

    @AfterEach
    void close() {
        context.close();
        server.close();
        assertThat(complaints).isEmpty();
    }

    private Locator references() {
        return page.locator("#references .reference");
    }

    private void few(String prompt, int steps) {
        page.fill("#prompt", prompt);
        if (page.locator("#more:not([open])").count() == 1) {
            page.click("#more summary");
        }
        page.fill("#steps", String.valueOf(steps));
    }

    @Test
    void typeRemovePinWeighAndDraw() {
        page.fill("#prompt", "flamingo");
        assertThat(references()).hasCount(3);
        assertThat(references().first().locator(".title")).hasText("flamingo");
        assertThat(references().first().locator(".credit")).containsText("CC0-1.0 · drawn for this test");
        page.fill("#prompt", "old castle, noto style");
        assertThat(references()).hasCount(2);
        assertThat(references().first().locator(".title")).hasText("old castle");
        references().first().locator("button:has-text('Remove')").click();
        assertThat(references()).hasCount(1);
        assertThat(page.locator("#references-status")).containsText("1 removed");
        references().first().locator("button:has-text('Pin')").click();
        assertThat(references().first().locator("button[aria-pressed=true]")).hasText("Pin");
        references().first().locator("input[type=range]").fill("0");
        assertThat(references().first()).hasClass(java.util.regex.Pattern.compile("off"));
        few("old castle, noto style", 3);
        page.click("#draw");
        assertThat(page.locator("#status")).containsText("Done in", timeout());
        assertThat(page.locator("#status")).containsText("Kept in the gallery.");
        assertThat(page.locator("#stages li")).hasText(new String[] {"64 px", "256 px", "1024 px"});
        assertThat(page.locator("#pictures img")).hasCount(1);
        assertThat(page.locator("#used")).hasText("Drawn from the words alone.");
    }

    private static com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions timeout() {
        return new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions().setTimeout(60_000);
    }

    @Test
    void picturesOfOnesOwnAreUsedForThisDrawingOnly() {
        page.fill("#prompt", "something else entirely");
        byte[] png = PngWriter.encode(new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB), Map.of());
        page.setInputFiles("#files", new FilePayload("my_night-sky.png", "image/png", png));
        assertThat(references()).hasCount(1);
        assertThat(references().first().locator("input[type=text]")).hasValue("my night sky");
        few("something else entirely", 1);
        page.selectOption("#size", "64");
        page.click("#draw");
        assertThat(page.locator("#status")).containsText("Done in", timeout());
        page.setInputFiles(
                "#files", new FilePayload("notes.png", "image/png", "no picture".getBytes(StandardCharsets.UTF_8)));
        assertThat(page.locator("#references-status")).containsText("notes.png is no picture");
    }

    @Test
    void aDrawingIsCancelled() {
        few("red apple", 100);
        page.fill("#count", "4"); // long enough for a browser that gets little of the processor
        page.click("#draw");
        assertThat(page.locator("#cancel")).isVisible();
        assertThat(page.locator("#status")).containsText("Drawing", timeout());
        page.click("#cancel");
        assertThat(page.locator("#status")).hasText("Cancelled.");
        assertThat(page.locator("#draw")).isEnabled();
        assertThat(page.locator("#draw")).isFocused();
    }

    @Test
    void aKeptPictureIsFoundAndRecalledAfterARestart() {
        few("green apple", 2);
        page.fill("#negative", "worms");
        page.fill("#seed", "41");
        page.locator("#eta").fill("0.6");
        page.selectOption("#size", "256");
        page.click("#draw");
        assertThat(page.locator("#status")).containsText("Done in", timeout());
        server.close();
        server = TestServer.start(folder);
        visit();
        page.click("#show-gallery");
        page.fill("#gallery-query", "worms 41");
        assertThat(page.locator("#gallery-list li")).hasCount(1);
        page.click("#gallery-list button");
        assertThat(page.locator("#picture-body")).containsText("green apple");
        page.click("#picture-recall");
        assertThat(page.locator("#prompt")).hasValue("green apple");
        assertThat(page.locator("#prompt")).isFocused();
        assertThat(page.locator("#negative")).hasValue("worms");
        assertThat(page.locator("#seed")).hasValue("41");
        assertThat(page.locator("#eta")).hasValue("0.6");
        assertThat(page.locator("#size")).hasValue("256");
        page.click("#show-gallery");
        page.click("#gallery-list button");
        page.click("#picture-delete");
        assertThat(page.locator("#gallery-status")).hasText("Nothing matches.");
    }

    @Test
    void aPersonWithAKeyboardAloneDraws() {
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.keyboard().press("Enter");
        page.keyboard().press("Tab");
        page.locator("#prompt").focus();
        page.keyboard().type("flamingo");
        few("flamingo", 1);
        page.selectOption("#size", "64");
        page.locator("#draw").focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#status")).containsText("Done in", timeout());
    }

    @Test
    void axeFindsNothingLightDarkAndNarrow() throws IOException {
        few("flamingo", 1);
        page.selectOption("#size", "64");
        assertThat(references()).hasCount(3);
        page.click("#draw");
        assertThat(page.locator("#status")).containsText("Done in", timeout());
        axe("light");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        axe("dark");
        page.setViewportSize(360, 740);
        axe("narrow");
        Object wide = page.evaluate("""
                [...document.querySelectorAll('body *')]
                    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
                    .map(e => e.tagName + '#' + e.id + '.' + e.className)
                """);
        assertThat((List<?>) wide).isEmpty();
        page.click("#show-gallery");
        assertThat(page.locator("#gallery-list li").first()).isVisible();
        axe("gallery");
        page.locator("#gallery-list button").first().click();
        axe("picture");
    }

    private void axe(String where) throws IOException {
        String source = "/axe.min.js";
        try (InputStream in = Objects.requireNonNull(PageTest.class.getResourceAsStream(source), source)) {
            page.evaluate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object violations = page.evaluate("""
                async () => {
                    await Promise.allSettled(document.getAnimations().map(a => a.finished));
                    return (await axe.run()).violations.map(v =>
                    v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | '));
                }
                """);
        assertThat((List<?>) violations).as(where).isEmpty();
    }
}
