package org.reimagen.rating.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reimagen.rating.Answer;
import org.reimagen.rating.BlindOrder;
import org.reimagen.rating.Evaluation;
import org.reimagen.rating.Question;
import org.reimagen.rating.RatingStore;
import org.reimagen.rating.Verdict;

/** The page in a real Chromium, by keyboard; what it keeps; what axe-core has to say. */
class RatingPageTest {
    private static final int PICTURES = 4;

    private static Chromium chromium;

    @TempDir
    Path folder = Path.of("");

    private RatingStore store;
    private RatingServer server;
    private BrowserContext context;
    private Page page;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @BeforeEach
    void open() {
        Evaluation.write(folder, 2, 2);
        listen();
        context = chromium.get().newContext();
        page = context.newPage();
        page.onConsoleMessage(m -> {
            if (m.type().equals("error")) {
                complaints.add(m.text());
            }
        });
        page.onPageError(complaints::add);
        page.onRequest(r -> {
            if (!r.url().startsWith(server.address())) {
                complaints.add("asked for " + r.url());
            }
        });
    }

    private void listen() {
        store = RatingStore.open(folder.resolve("ratings.sqlite"));
        server = RatingServer.start(new RatingDesk(folder, store, 3), 0);
    }

    @AfterEach
    void close() throws InterruptedException {
        context.close();
        server.stop();
        store.close();
        assertThat(complaints).isEmpty();
    }

    private void begin(String rater) {
        page.navigate(server.address());
        page.waitForSelector("body[data-ready]");
        page.fill("#rater", rater);
        page.keyboard().press("Enter");
        page.waitForSelector("body[data-place]");
    }

    private void press(String key, String status) {
        page.keyboard().press(key);
        assertThat(page.locator("#status")).hasText(status);
    }

    private void place(int place) {
        assertThat(page.locator("body")).hasAttribute("data-place", String.valueOf(place));
    }

    @Test
    void aKeyboardIsAllOneNeeds() {
        begin("Ann");
        assertThat(page.locator("#progress")).hasText("Ann: 0 of 4 drawings answered");
        String first = BlindOrder.of(org.reimagen.eval.listing.Listing.read(folder), 3, "Ann")
                .getFirst()
                .file();
        press("Enter", "Answer both questions first.");
        press("1", "faithful: yes, kept.");
        assertThat(store.answers()).containsExactly(new Answer("Ann", first, Question.FAITHFUL, Verdict.YES));
        press("u", "faithful: taken back.");
        assertThat(store.answers()).isEmpty();
        for (int i = 0; i < PICTURES; i++) {
            place(i);
            press("2", "faithful: no, kept.");
            press(i == 0 ? "3" : "1", i == 0 ? "clean: unsure, kept." : "clean: yes, kept.");
            page.keyboard().press("Enter");
        }
        assertThat(page.locator("#end-title")).isVisible();
        assertThat(page.locator("#progress")).hasText("Ann: 4 of 4 drawings answered");
        assertThat(store.answers())
                .hasSize(2 * PICTURES)
                .contains(new Answer("Ann", first, Question.CLEAN, Verdict.UNSURE));
    }

    @Test
    void undoGoesBackToTheDrawingBefore() {
        begin("Ann");
        press("1", "faithful: yes, kept.");
        press("1", "clean: yes, kept.");
        page.keyboard().press("Enter");
        place(1);
        press("Backspace", "clean: taken back.");
        place(0);
        assertThat(store.answers()).extracting(Answer::question).containsExactly(Question.FAITHFUL);
    }

    @Test
    void aRaterGoesOnAfterARestartAndOthersBeginAnew() throws InterruptedException {
        begin("Ann");
        press("1", "faithful: yes, kept.");
        press("2", "clean: no, kept.");
        page.keyboard().press("Enter");
        place(1);
        press("1", "faithful: yes, kept.");
        server.stop();
        store.close();
        listen();
        begin("Ann");
        place(1);
        assertThat(page.locator("#progress")).hasText("Ann: 1 of 4 drawings answered");
        assertThat(page.locator("[data-question=faithful] [data-verdict=yes]")).hasAttribute("aria-pressed", "true");
        begin("Bob");
        place(0);
        assertThat(page.locator("#progress")).hasText("Bob: 0 of 4 drawings answered");
    }

    @Test
    void keysCanBeTurnedOffAndButtonsDoTheSame() {
        begin("Ann");
        page.uncheck("#keys");
        page.keyboard().press("1");
        page.click("[data-question=clean] [data-verdict=no]");
        assertThat(page.locator("#status")).hasText("clean: no, kept.");
        assertThat(store.answers()).extracting(Answer::question).containsExactly(Question.CLEAN);
    }

    @Test
    void enterGoesOnAfterAClickAsAfterAKey() {
        begin("Ann");
        page.click("[data-question=faithful] [data-verdict=yes]");
        assertThat(page.locator("#status")).hasText("faithful: yes, kept.");
        page.click("[data-question=clean] [data-verdict=no]");
        assertThat(page.locator("#status")).hasText("clean: no, kept.");
        page.keyboard().press("Enter");
        place(1);
        page.locator("[data-question=clean] [data-verdict=unsure]").focus();
        press("Enter", "clean: unsure, kept.");
        assertThat(store.answers())
                .extracting(Answer::verdict)
                .containsExactlyInAnyOrder(Verdict.YES, Verdict.NO, Verdict.UNSURE);
    }

    @Test
    void theRaterIsBlind() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String base = server.address() + "v1/raters/Ann/pictures/0";
        String picture = get(client, base);
        assertThat(picture)
                .contains("\"asked_for\":\"bird ")
                .doesNotContain("frequent", "held-out", "K = 4", "birds/", "rank");
        assertThat(get(client, base + "/image")).doesNotContain("K = 4");
        assertThat(get(client, base + "/references/0")).startsWith("\uFFFDPNG");
    }

    @Test
    void whatIsWrongIsAnsweredInALine() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String base = server.address() + "v1/raters/";
        assertThat(get(client, base + "%3Cb%3E")).contains("a name has 1 to 40 letters");
        assertThat(get(client, base + "Ann/pictures/4")).contains("no such picture");
        assertThat(get(client, base + "Ann/pictures/0/references/1")).contains("no such reference");
        for (String body : List.of(
                "{\"question\":\"colour\",\"verdict\":\"yes\"}", "{\"question\":\"clean\",\"verdict\":\"maybe\"}")) {
            HttpRequest put = HttpRequest.newBuilder(URI.create(base + "Ann/pictures/0"))
                    .header("Content-Type", "application/json")
                    .PUT(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            assertThat(client.send(put, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(400);
        }
        assertThat(store.answers()).isEmpty();
    }

    private static String get(HttpClient client, String address) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body();
    }

    @Test
    void axeFindsNothingLightDarkAndNarrow() throws IOException {
        page.navigate(server.address());
        page.waitForSelector("body[data-ready]");
        Axe.assertNothing(page, "start");
        begin("Ann");
        press("1", "faithful: yes, kept.");
        Axe.assertNothing(page, "light");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        Axe.assertNothing(page, "dark");
        page.setViewportSize(360, 740);
        Axe.assertNothing(page, "narrow");
        Axe.assertFits(page);
    }
}
